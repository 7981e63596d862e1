#include "disk/fat.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

namespace bootwire::disk {

namespace {

constexpr size_t entry_size = 32;
/// A root folder of FAT32 is looked through up to here; the label is among its first entries.
constexpr size_t max_folder = 64 * 1024;
constexpr uint8_t volume_label_attribute = 0x08;
constexpr uint8_t folder_attribute = 0x10;
constexpr uint8_t long_name_attributes = 0x0f;

struct Geometry {
    uint32_t sector = 0;        ///< bytes
    uint32_t cluster = 0;       ///< bytes
    uint64_t fat_start = 0;     ///< bytes from the volume's start
    uint64_t root_start = 0;    ///< FAT12/16: bytes from the volume's start
    uint64_t data_start = 0;    ///< bytes from the volume's start
    uint32_t root_entries = 0;  ///< 0: FAT32
    uint32_t root_cluster = 0;  ///< FAT32
    size_t serial_offset = 0;   ///< in the boot sector
    bool has_serial = false;
};

/// Microsoft's specification (fatgen103), as strictly as blkid and the kernel's fat_read_bpb().
std::optional<Geometry> parse_boot_sector(Bytes head) {
    const uint8_t* boot = head.data();
    if (boot[510] != 0x55 || boot[511] != 0xaa) return std::nullopt;
    const uint8_t media = boot[21];
    if (media != 0xf0 && media < 0xf8) return std::nullopt;

    Geometry geometry;
    geometry.sector = load_le16(boot + 11);
    const uint32_t per_cluster = boot[13];
    const uint32_t reserved = load_le16(boot + 14);
    const uint32_t fats = boot[16];
    const auto is_power_of_2 = [](uint32_t value) { return value && (value & (value - 1)) == 0; };
    if (!is_power_of_2(geometry.sector) || geometry.sector < 512 || geometry.sector > 4096) {
        return std::nullopt;
    }
    if (!is_power_of_2(per_cluster) || reserved == 0 || fats == 0) return std::nullopt;

    geometry.cluster = per_cluster * geometry.sector;
    geometry.root_entries = load_le16(boot + 17);
    const uint32_t short_fat = load_le16(boot + 22);
    const uint64_t fat_sectors = short_fat ? short_fat : load_le32(boot + 36);
    if (fat_sectors == 0) return std::nullopt;
    if (short_fat == 0 && geometry.root_entries != 0) return std::nullopt;
    if (short_fat != 0 && geometry.root_entries == 0) return std::nullopt;

    geometry.fat_start = uint64_t{reserved} * geometry.sector;
    geometry.root_start = (reserved + fats * fat_sectors) * geometry.sector;
    const uint64_t root_bytes = uint64_t{geometry.root_entries} * entry_size;
    geometry.data_start = geometry.root_start +
                          (root_bytes + geometry.sector - 1) / geometry.sector * geometry.sector;
    if (short_fat == 0) {
        geometry.root_cluster = load_le32(boot + 44);
        geometry.serial_offset = 67;
        geometry.has_serial = boot[66] == 0x28 || boot[66] == 0x29;
    } else {
        geometry.serial_offset = 39;
        geometry.has_serial = boot[38] == 0x28 || boot[38] == 0x29;
    }
    return geometry;
}

/// The label in a piece of a root folder; sets `end` where the folder ends.
std::optional<std::string> label_in(Bytes folder, bool& end) {
    for (size_t at = 0; at + entry_size <= folder.size(); at += entry_size) {
        const uint8_t* entry = folder.data() + at;
        if (entry[0] == 0) {
            end = true;
            return std::nullopt;
        }
        const uint8_t attributes = entry[11];
        if (entry[0] == 0xe5 || (attributes & long_name_attributes) == long_name_attributes) {
            continue;
        }
        if ((attributes & (volume_label_attribute | folder_attribute)) != volume_label_attribute) {
            continue;
        }
        std::string label(reinterpret_cast<const char*>(entry), 11);
        if (entry[0] == 0x05) label[0] = static_cast<char>(0xe5);
        label.erase(label.find_last_not_of(' ') + 1);
        if (label == "NO NAME") label.clear();
        return label;
    }
    return std::nullopt;
}

class LabelFinder {
  public:
    LabelFinder(const BlockSource& disk, uint64_t start, uint64_t size, const Geometry& geometry)
        : disk_(disk), start_(start), size_(size), geometry_(geometry) {}

    Result<std::string> find() {
        if (geometry_.root_entries != 0) {
            const size_t length = size_t{geometry_.root_entries} * entry_size;
            auto label = look_at(geometry_.root_start, std::min(length, max_folder));
            if (!label) return std::unexpected(label.error());
            return label->value_or("");
        }
        uint32_t cluster = geometry_.root_cluster;
        for (size_t seen = 0; seen < max_folder && cluster >= 2 && cluster < 0x0ffffff7;
             seen += geometry_.cluster) {
            const uint64_t offset =
                geometry_.data_start + uint64_t{cluster - 2} * geometry_.cluster;
            auto label = look_at(offset, std::min<size_t>(geometry_.cluster, max_folder));
            if (!label) return std::unexpected(label.error());
            if (*label || end_) return label->value_or("");
            uint8_t next[4];
            const uint64_t link = geometry_.fat_start + uint64_t{cluster} * 4;
            if (!inside(link, sizeof next)) break;
            if (auto status = disk_.read(start_ + link, next); !status) {
                return std::unexpected(status.error());
            }
            cluster = load_le32(next) & 0x0fffffff;
        }
        return std::string();
    }

  private:
    bool inside(uint64_t offset, size_t length) const {
        return offset < size_ && size_ - offset >= length;
    }

    Result<std::optional<std::string>> look_at(uint64_t offset, size_t length) {
        if (!inside(offset, length)) {
            end_ = true;
            return std::nullopt;
        }
        std::vector<uint8_t> folder(length);
        if (auto status = disk_.read(start_ + offset, folder); !status) {
            return std::unexpected(status.error());
        }
        return label_in(folder, end_);
    }

    const BlockSource& disk_;
    uint64_t start_;
    uint64_t size_;
    const Geometry& geometry_;
    bool end_ = false;
};

}  // namespace

Result<std::optional<FileSystem>> probe_fat(const BlockSource& disk, uint64_t start, uint64_t size,
                                            Bytes head) {
    if (head.size() < 512) return std::nullopt;
    const auto geometry = parse_boot_sector(head);
    if (!geometry) return std::nullopt;
    FileSystem file_system{"vfat", {}, {}, FileSystemUse::fat};
    if (geometry->has_serial) {
        const uint8_t* serial = head.data() + geometry->serial_offset;
        if (load_le32(serial) != 0) {
            char text[10];
            std::snprintf(text, sizeof text, "%02X%02X-%02X%02X", serial[3], serial[2], serial[1],
                          serial[0]);
            file_system.uuid = text;
        }
    }
    auto label = LabelFinder(disk, start, size, *geometry).find();
    if (!label) return std::unexpected(label.error());
    file_system.label = std::move(*label);
    return file_system;
}

}  // namespace bootwire::disk
