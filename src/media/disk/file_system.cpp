#include "disk/file_system.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <vector>

#include "disk/gpt.h"
#include "fat/geometry.h"
#include "fat/label.h"
#include "storage/slice.h"

namespace bootwire::disk {

namespace {

/// All superblocks but those of md 0.90 and 1.0 begin in here; btrfs's at 64 KiB is the last.
constexpr size_t head_size = 0x11000;

struct Reason {
    std::string_view type;
    std::string_view why_not;
};
constexpr std::array reasons{
    Reason{"vfat", "it is a FAT file system"},
    Reason{"swap", "it is swap space"},
    Reason{"crypto_LUKS", "it is encrypted (LUKS), which bootwire does not open"},
    Reason{"LVM2_member", "it belongs to LVM, which bootwire does not set up"},
    Reason{"linux_raid_member", "it belongs to a RAID, which bootwire does not set up"},
    Reason{"jbd", "it is the journal of another file system"},
    Reason{"ntfs", "it is a file system of Windows"},
    Reason{"exfat", "it is an exFAT file system"},
    Reason{"iso9660", "it is a CD image, which the kernel has no driver for"},
};

std::string uuid_text(const uint8_t* uuid) {
    if (std::ranges::all_of(Bytes(uuid, 16), [](uint8_t byte) { return byte == 0; })) return {};
    char text[37];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%04x%08x", load_be32(uuid),
                  load_be16(uuid + 4), load_be16(uuid + 6), load_be16(uuid + 8),
                  load_be16(uuid + 10), load_be32(uuid + 12));
    return text;
}

/// A text in a field of fixed size: up to the first NUL, blanks at its end off.
std::string field_text(Bytes field) {
    const auto end = std::ranges::find(field, uint8_t{0});
    std::string text(field.begin(), end);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// The start of a volume, where a field may lie behind its end.
class Head {
  public:
    explicit Head(Bytes bytes) : bytes_(bytes) {}

    bool has(size_t offset, size_t length) const {
        return offset <= bytes_.size() && bytes_.size() - offset >= length;
    }
    bool starts_with(size_t offset, std::string_view magic) const {
        return has(offset, magic.size()) &&
               std::memcmp(bytes_.data() + offset, magic.data(), magic.size()) == 0;
    }
    bool has_le32(size_t offset, uint32_t value) const {
        return has(offset, 4) && load_le32(at(offset)) == value;
    }
    const uint8_t* at(size_t offset) const { return bytes_.data() + offset; }
    Bytes piece(size_t offset, size_t length) const { return bytes_.subspan(offset, length); }

  private:
    Bytes bytes_;
};

using Probe = std::optional<FileSystem> (*)(const Head& head);

FileSystem root_of(std::string type, const uint8_t* uuid, std::string label) {
    return {std::move(type), uuid_text(uuid), std::move(label), FileSystemUse::root};
}

/// cryptsetup's on-disk formats, LUKS1 and LUKS2.
std::optional<FileSystem> probe_luks(const Head& head) {
    if (!head.starts_with(0, std::string_view("LUKS\xba\xbe", 6)) || !head.has(0, 512)) return {};
    FileSystem found{"crypto_LUKS", field_text(head.piece(168, 40)), {}, FileSystemUse::other};
    if (load_be16(head.at(6)) == 2) found.label = field_text(head.piece(24, 48));
    return found;
}

/// lib/format_text/layout.h of LVM2: the label is in one of the first four sectors.
std::optional<FileSystem> probe_lvm(const Head& head) {
    for (size_t sector = 0; sector < 4 * 512; sector += 512) {
        if (!head.starts_with(sector, "LABELONE") || !head.starts_with(sector + 24, "LVM2 001")) {
            continue;
        }
        FileSystem found{"LVM2_member", {}, {}, FileSystemUse::other};
        const size_t offset = sector + std::min<size_t>(load_le32(head.at(sector + 20)), head_size);
        if (head.has(offset, 32)) {
            const std::string id = field_text(head.piece(offset, 32));
            for (size_t i = 0; i < id.size(); ++i) {
                if (i == 6 || (i > 6 && i < 30 && (i - 6) % 4 == 0)) found.uuid += '-';
                found.uuid += id[i];
            }
        }
        return found;
    }
    return {};
}

/// include/uapi/linux/raid/md_p.h: 1.1 at the start, 1.2 at 4 KiB.
std::optional<FileSystem> probe_raid(const Head& head) {
    for (const size_t offset : {size_t{0}, size_t{4096}}) {
        if (!head.has_le32(offset, 0xa92b4efc) || !head.has_le32(offset + 4, 1)) continue;
        if (!head.has(offset, 64)) continue;
        return FileSystem{"linux_raid_member", uuid_text(head.at(offset + 16)),
                          field_text(head.piece(offset + 32, 32)), FileSystemUse::other};
    }
    return {};
}

/// fs/ext4/ext4.h. Which of the three it is follows from its features, as in libblkid.
std::optional<FileSystem> probe_ext(const Head& head) {
    constexpr size_t super = 1024;
    if (!head.has(super, 1024) || load_le16(head.at(super + 0x38)) != 0xef53) return {};
    const uint32_t compatible = load_le32(head.at(super + 0x5c));
    const uint32_t incompatible = load_le32(head.at(super + 0x60));
    const uint32_t read_only = load_le32(head.at(super + 0x64));
    constexpr uint32_t has_journal = 0x4;
    constexpr uint32_t journal_device = 0x8;
    constexpr uint32_t ext2_incompatible = 0x2 | 0x10;
    constexpr uint32_t ext3_incompatible = ext2_incompatible | 0x4;
    constexpr uint32_t ext3_read_only = 0x1 | 0x2 | 0x4;

    FileSystem found =
        root_of("ext4", head.at(super + 0x68), field_text(head.piece(super + 0x78, 16)));
    if ((incompatible & journal_device) != 0) {
        found.type = "jbd";
        found.use = FileSystemUse::other;
    } else if ((read_only & ~ext3_read_only) == 0 && (incompatible & ~ext3_incompatible) == 0) {
        found.type = (compatible & has_journal) != 0 ? "ext3" : "ext2";
    }
    return found;
}

/// fs/xfs/libxfs/xfs_format.h.
std::optional<FileSystem> probe_xfs(const Head& head) {
    if (!head.starts_with(0, "XFSB") || !head.has(0, 512)) return {};
    return root_of("xfs", head.at(32), field_text(head.piece(108, 12)));
}

/// include/uapi/linux/btrfs_tree.h; the first superblock.
std::optional<FileSystem> probe_btrfs(const Head& head) {
    constexpr size_t super = 0x10000;
    if (!head.starts_with(super + 0x40, "_BHRfS_M") || !head.has(super, 0x1000)) return {};
    return root_of("btrfs", head.at(super + 0x20), field_text(head.piece(super + 0x12b, 256)));
}

/// include/linux/f2fs_fs.h.
std::optional<FileSystem> probe_f2fs(const Head& head) {
    constexpr size_t super = 1024;
    if (!head.has_le32(super, 0xf2f52010) || !head.has(super, 124 + 1024)) return {};
    return root_of("f2fs", head.at(super + 108), utf16le_to_utf8(head.piece(super + 124, 1024)));
}

/// fs/erofs/erofs_fs.h.
std::optional<FileSystem> probe_erofs(const Head& head) {
    constexpr size_t super = 1024;
    if (!head.has_le32(super, 0xe0f5e1e2) || !head.has(super, 128)) return {};
    return root_of("erofs", head.at(super + 48), field_text(head.piece(super + 64, 16)));
}

/// fs/squashfs/squashfs_fs.h: version 4, little-endian, without UUID or label.
std::optional<FileSystem> probe_squashfs(const Head& head) {
    if (!head.starts_with(0, "hsqs") || !head.has(0, 96)) return {};
    if (load_le16(head.at(28)) != 4) return {};
    return FileSystem{"squashfs", {}, {}, FileSystemUse::root};
}

/// include/linux/swap.h; the mark is at the end of the first page, of whatever size that was.
std::optional<FileSystem> probe_swap(const Head& head) {
    for (const size_t page : {4096, 8192, 16384, 32768, 65536}) {
        if (!head.starts_with(page - 10, "SWAPSPACE2")) continue;
        return FileSystem{"swap", uuid_text(head.at(1024 + 12)),
                          field_text(head.piece(1024 + 28, 16)), FileSystemUse::other};
    }
    return {};
}

std::optional<FileSystem> probe_foreign(const Head& head) {
    if (head.starts_with(3, "NTFS    ")) return FileSystem{"ntfs", {}, {}, FileSystemUse::other};
    if (head.starts_with(3, "EXFAT   ")) return FileSystem{"exfat", {}, {}, FileSystemUse::other};
    if (head.starts_with(0x8001, "CD001")) {
        return FileSystem{"iso9660", {}, {}, FileSystemUse::other};
    }
    return {};
}

/// Containers come first: what they hold may look like a file system.
constexpr std::array<Probe, 11> probes{probe_luks,     probe_lvm,   probe_raid,   probe_ext,
                                       probe_xfs,      probe_btrfs, probe_f2fs,   probe_erofs,
                                       probe_squashfs, probe_swap,  probe_foreign};

/// md's superblocks near the end: 1.0 (8 to 12 KiB before it) and 0.90 (64 to 128 KiB before it).
/// They hold a whole file system that is readable from its start: a mirror.
Result<std::optional<FileSystem>> probe_raid_at_end(const storage::BlockSource& volume) {
    uint8_t magic[8];
    const auto has_magic = [&](uint64_t offset, uint32_t major) -> Result<bool> {
        if (auto status = volume.read(offset, magic); !status) {
            return std::unexpected(status.error());
        }
        return load_le32(magic) == 0xa92b4efc && load_le32(magic + 4) == major;
    };
    FileSystem raid{"linux_raid_member", {}, {}, FileSystemUse::other};
    const uint64_t size = volume.size();
    if (size < 256 * 1024) return std::nullopt;
    auto found = has_magic((size & ~uint64_t{4095}) - 8192, 1);
    if (!found) return std::unexpected(found.error());
    if (*found) return raid;
    found = has_magic((size & ~uint64_t{65535}) - 65536, 0);
    if (!found) return std::unexpected(found.error());
    if (*found) return raid;
    return std::nullopt;
}

/// FAT12, FAT16 or FAT32.
Result<std::optional<FileSystem>> probe_fat(const storage::BlockSource& volume, Bytes head) {
    const auto geometry = fat::read_geometry(head);
    if (!geometry) return std::nullopt;
    FileSystem found{"vfat", {}, {}, FileSystemUse::fat};
    if (geometry->serial != 0) {
        char text[10];
        std::snprintf(text, sizeof text, "%04X-%04X", geometry->serial >> 16,
                      geometry->serial & 0xffff);
        found.uuid = text;
    }
    auto label = fat::read_label(volume, *geometry);
    if (!label) return std::unexpected(label.error());
    found.label = std::move(*label);
    return found;
}

}  // namespace

std::string_view FileSystem::why_not() const {
    if (use == FileSystemUse::root) return {};
    for (const Reason& reason : reasons) {
        if (reason.type == type) return reason.why_not;
    }
    return "it is nothing that Linux can have its root on";
}

Result<std::optional<FileSystem>> probe_file_system(const storage::BlockSource& disk,
                                                    uint64_t start, uint64_t size) {
    const storage::Slice volume(disk, start, size);
    std::vector<uint8_t> bytes(std::min<uint64_t>(volume.size(), head_size));
    if (auto status = volume.read(0, bytes); !status) return std::unexpected(status.error());
    auto raid = probe_raid_at_end(volume);
    if (!raid || *raid) return raid;
    const Head head(bytes);
    for (const Probe probe : probes) {
        if (auto found = probe(head)) return found;
    }
    return probe_fat(volume, bytes);
}

}  // namespace bootwire::disk
