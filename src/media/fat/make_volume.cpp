#include <algorithm>
#include <cstdint>

#include "base/ascii.h"
#include "base/bytes.h"
#include "fat/boot_sector.h"
#include "fat/folder_entry.h"
#include "fat/volume.h"

namespace bootwire::fat {

namespace {

// The geometry of a volume that is made here.
constexpr size_t sector_size = 512;
constexpr size_t sectors = volume_size / sector_size;
constexpr size_t sectors_per_cluster = 2;
constexpr size_t root_entries = 112;
constexpr size_t fat_sectors = 6;
constexpr size_t fats = 2;
constexpr size_t first_fat = 1;
constexpr size_t root_sector = first_fat + fats * fat_sectors;
constexpr size_t data_sector = root_sector + root_entries * entry::size / sector_size;
constexpr size_t cluster_size = sectors_per_cluster * sector_size;
constexpr size_t clusters = (sectors - data_sector) / sectors_per_cluster;
static_assert(clusters < 4085, "more would be a FAT16");
static_assert((clusters + 2) * 3 / 2 <= fat_sectors * sector_size);

constexpr uint16_t date = (2026 - 1980) << 9 | 11 << 5 | 23;  // of the release
constexpr uint32_t serial = 0xb0070001;
constexpr uint16_t last_cluster = 0xfff;

uint8_t* bytes_at(std::string& volume, size_t at) {
    return reinterpret_cast<uint8_t*>(volume.data()) + at;
}

void put8(std::string& volume, size_t at, uint8_t value) {
    *bytes_at(volume, at) = value;
}

void put16(std::string& volume, size_t at, size_t value) {
    store_le16(bytes_at(volume, at), static_cast<uint16_t>(value));
}

void put32(std::string& volume, size_t at, size_t value) {
    store_le32(bytes_at(volume, at), static_cast<uint32_t>(value));
}

void put(std::string& volume, size_t at, std::string_view text) {
    std::ranges::copy(text, volume.begin() + static_cast<std::ptrdiff_t>(at));
}

/// FAT12: two entries in three bytes.
void set_next(std::string& fat, size_t cluster, uint16_t next) {
    const size_t at = cluster * 3 / 2;
    const uint16_t both = load_le16(bytes_at(fat, at));
    put16(fat, at, cluster % 2 == 0 ? (both & 0xf000) | next : (both & 0x000f) | next << 4);
}

void write_boot_sector(std::string& volume, const std::string& label) {
    namespace at = boot_sector;
    put(volume, at::jump,
        "\xeb\x3c\x90"
        "MSDOS5.0");
    put16(volume, at::bytes_per_sector, sector_size);
    put8(volume, at::sectors_per_cluster, sectors_per_cluster);
    put16(volume, at::reserved_sectors, first_fat);
    put8(volume, at::fats, fats);
    put16(volume, at::root_entries, root_entries);
    put16(volume, at::few_sectors, sectors);
    put8(volume, at::media, at::fixed_disk);
    put16(volume, at::fat_sectors, fat_sectors);
    put16(volume, at::sectors_per_track, 32);
    put16(volume, at::heads, 4);
    put8(volume, at::drive, 0x80);
    put8(volume, at::extras, at::serial_label_and_type_follow);
    put32(volume, at::serial, serial);
    put(volume, at::label, label);
    put(volume, at::type, "FAT12   ");
    put16(volume, at::signature, at::signature_value);
}

void write_entry(std::string& volume, size_t at, const std::string& name, uint8_t attributes,
                 uint16_t cluster, size_t size) {
    put(volume, at + entry::name, name);
    put8(volume, at + entry::attributes, attributes);
    for (const size_t when : {entry::made, entry::last_read, entry::written})
        put16(volume, at + when, date);
    put16(volume, at + entry::first_cluster, cluster);
    put32(volume, at + entry::file_size, size);
}

/// A volume in the making: what is in it, and its FAT, which is copied into it at the end.
struct Draft {
    std::string volume = std::string(volume_size, '\0');
    std::string fat = std::string(fat_sectors * sector_size, '\0');
    size_t free = 2;  ///< the first cluster that is
};

/// place: of its entry in the root folder.
Status add_file(Draft& draft, size_t place, const File& file) {
    const auto name = entry::short_name(file.name);
    if (!name) return fail("a FAT volume has no short name for " + file.name);
    const size_t count = (file.content.size() + cluster_size - 1) / cluster_size;
    if (count > clusters + 2 - draft.free) return fail("the volume has no room for " + file.name);
    const uint8_t attributes = entry::archive | (file.read_only ? entry::read_only : 0);
    write_entry(draft.volume, place, *name, attributes,
                count == 0 ? 0 : static_cast<uint16_t>(draft.free), file.content.size());
    if (std::ranges::any_of(file.name, is_lower)) {
        put8(draft.volume, place + entry::small_letters,
             entry::small_name | entry::small_extension);
    }
    put(draft.volume, data_sector * sector_size + (draft.free - 2) * cluster_size, file.content);
    for (size_t n = 1; n <= count; ++n, ++draft.free) {
        set_next(draft.fat, draft.free,
                 n == count ? last_cluster : static_cast<uint16_t>(draft.free + 1));
    }
    return {};
}

}  // namespace

Result<std::string> make_volume(const std::string& label, std::span<const File> files) {
    if (label.empty() || label.size() > entry::name_size) {
        return fail("a volume has no room for that label");
    }
    if (files.size() >= root_entries) return fail("a volume has no room for so many files");
    std::string padded(label);
    padded.resize(entry::name_size, ' ');
    Draft draft;
    write_boot_sector(draft.volume, padded);
    set_next(draft.fat, 0, 0xf00 | boot_sector::fixed_disk);
    set_next(draft.fat, 1, last_cluster);

    size_t place = root_sector * sector_size;
    write_entry(draft.volume, place, padded, entry::volume_label, 0, 0);
    for (const File& file : files) {
        place += entry::size;
        if (auto added = add_file(draft, place, file); !added)
            return std::unexpected(added.error());
    }
    for (size_t copy = 0; copy < fats; ++copy)
        put(draft.volume, (first_fat + copy * fat_sectors) * sector_size, draft.fat);
    return std::move(draft.volume);
}

}  // namespace bootwire::fat
