#include "helpdisk/fat_volume.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>

namespace bootwire::helpdisk {

namespace {

constexpr size_t sector_size = 512;
constexpr size_t entry_size = 32;
constexpr size_t name_size = 11;

// The geometry of a volume that is made here.
constexpr size_t sector_count = fat_volume_size / sector_size;
constexpr size_t sectors_per_cluster = 2;
constexpr size_t root_entry_count = 112;
constexpr size_t sectors_per_fat = 6;
constexpr size_t fat_count = 2;
constexpr size_t first_fat_sector = 1;
constexpr size_t root_sector = first_fat_sector + fat_count * sectors_per_fat;
constexpr size_t data_sector = root_sector + root_entry_count * entry_size / sector_size;
constexpr size_t cluster_size = sectors_per_cluster * sector_size;
constexpr size_t cluster_count = (sector_count - data_sector) / sectors_per_cluster;
static_assert(cluster_count < 4085, "more would be a FAT16");
static_assert((cluster_count + 2) * 3 / 2 <= sectors_per_fat * sector_size);

constexpr uint16_t release_date = (2026 - 1980) << 9 | 11 << 5 | 23;
constexpr uint8_t media_descriptor = 0xf8;  // "fixed disk"
constexpr uint16_t end_of_chain = 0xfff;
constexpr uint8_t attribute_read_only = 0x01, attribute_volume_label = 0x08,
                  attribute_folder = 0x10, attribute_archive = 0x20;
constexpr uint8_t small_name = 0x08, small_extension = 0x10;  // as Windows NT marks them

uint8_t byte(std::string_view volume, size_t at) {
    return static_cast<uint8_t>(volume[at]);
}

uint32_t little(std::string_view volume, size_t at, size_t bytes) {
    uint32_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | byte(volume, at + i);
    return value;
}

void put(std::string& volume, size_t at, uint32_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i)
        volume[at + i] = static_cast<char>(value >> 8 * i);
}

void put(std::string& volume, size_t at, std::string_view text) {
    std::ranges::copy(text, volume.begin() + static_cast<std::ptrdiff_t>(at));
}

/// "BOOTWIRETXT" of "bootwire.txt"; nothing if it does not fit.
std::optional<std::string> short_name(std::string_view name) {
    const size_t dot = name.find('.');
    const std::string_view extension = dot == name.npos ? "" : name.substr(dot + 1);
    const std::string_view stem = name.substr(0, dot);
    if (stem.empty() || stem.size() > 8 || extension.size() > 3) return std::nullopt;
    std::string made(name_size, ' ');
    std::ranges::copy(stem, made.begin());
    std::ranges::copy(extension, made.begin() + 8);
    for (char& c : made) {
        if (c == ' ') continue;
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) return std::nullopt;
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return made;
}

/// FAT12: two entries in three bytes.
void set_next(std::string& fat, size_t cluster, uint16_t next) {
    const size_t at = cluster * 3 / 2;
    const uint32_t both = little(fat, at, 2);
    put(fat, at, cluster % 2 == 0 ? (both & 0xf000) | next : (both & 0x000f) | next << 4, 2);
}

void write_boot_sector(std::string& volume, const std::string& label) {
    put(volume, 0,
        "\xeb\x3c\x90"
        "MSDOS5.0");
    put(volume, 11, sector_size, 2);
    put(volume, 13, sectors_per_cluster, 1);
    put(volume, 14, first_fat_sector, 2);
    put(volume, 16, fat_count, 1);
    put(volume, 17, root_entry_count, 2);
    put(volume, 19, sector_count, 2);
    put(volume, 21, media_descriptor, 1);
    put(volume, 22, sectors_per_fat, 2);
    put(volume, 24, 32, 2);  // sectors in a track
    put(volume, 26, 4, 2);   // heads
    put(volume, 36, 0x80, 1);
    put(volume, 38, 0x29, 1);        // the next three are there
    put(volume, 39, 0xb0070001, 4);  // volume ID
    put(volume, 43, label);
    put(volume, 54, "FAT12   ");
    put(volume, 510, 0xaa55, 2);
}

void write_entry(std::string& volume, size_t at, const std::string& name, uint8_t attributes,
                 uint16_t cluster, size_t size) {
    put(volume, at, name);
    put(volume, at + 11, attributes, 1);
    put(volume, at + 16, release_date, 2);  // made
    put(volume, at + 18, release_date, 2);  // read
    put(volume, at + 24, release_date, 2);  // written
    put(volume, at + 26, cluster, 2);
    put(volume, at + 28, static_cast<uint32_t>(size), 4);
}

/// Where everything is in a volume of whatever origin; checked against its size.
struct Geometry {
    size_t fat = 0;       ///< bytes from the start
    size_t fat_size = 0;  ///< bytes
    size_t root = 0;
    size_t root_entries = 0;
    size_t data = 0;
    size_t cluster = 0;   ///< bytes
    size_t clusters = 0;  ///< numbered from 2
    bool wide = false;    ///< FAT16

    /// What follows the cluster; anything else than 2 to clusters + 1 is the end.
    size_t next(std::string_view volume, size_t number) const {
        if (wide) return little(volume, fat + 2 * number, 2);
        const uint32_t both = little(volume, fat + number * 3 / 2, 2);
        return number % 2 == 0 ? both & 0xfff : both >> 4;
    }
    bool is_cluster(size_t number) const { return number >= 2 && number < clusters + 2; }
};

Result<Geometry> read_geometry(std::string_view volume) {
    const auto senseless = [] { return fail("the volume is not a FAT file system"); };
    if (volume.size() < sector_size || little(volume, 510, 2) != 0xaa55) return senseless();
    const size_t sector = little(volume, 11, 2);
    const size_t per_cluster = byte(volume, 13);
    const size_t reserved = little(volume, 14, 2);
    const size_t fats = byte(volume, 16);
    const size_t few = little(volume, 19, 2);
    const size_t sectors = few != 0 ? few : little(volume, 32, 4);
    const size_t fat_sectors = little(volume, 22, 2);
    Geometry found;
    found.root_entries = little(volume, 17, 2);
    if (sector != sector_size || per_cluster == 0 || (per_cluster & (per_cluster - 1)) != 0 ||
        reserved == 0 || fats == 0 || fat_sectors == 0 || found.root_entries == 0 ||
        sectors > volume.size() / sector) {
        return senseless();
    }
    found.fat = reserved * sector;
    found.fat_size = fat_sectors * sector;
    found.root = found.fat + fats * found.fat_size;
    found.data = found.root + (found.root_entries * entry_size + sector - 1) / sector * sector;
    found.cluster = per_cluster * sector;
    if (found.data > sectors * sector) return senseless();
    found.clusters = (sectors * sector - found.data) / found.cluster;
    found.wide = found.clusters >= 4085;
    // Two more than there are, each 12 or 16 bits; one byte more is looked at in a FAT12.
    const size_t needed = found.wide ? (found.clusters + 2) * 2 : (found.clusters + 2) * 3 / 2 + 1;
    if (found.clusters >= 65525 || needed > found.fat_size) return senseless();
    return found;
}

}  // namespace

Result<std::string> make_fat_volume(const std::string& label, std::span<const FatFile> files) {
    if (label.empty() || label.size() > name_size)
        return fail("a volume has no room for that label");
    if (files.size() >= root_entry_count) return fail("a volume has no room for so many files");
    std::string padded(label);
    padded.resize(name_size, ' ');
    std::string volume(fat_volume_size, '\0');
    write_boot_sector(volume, padded);
    write_entry(volume, root_sector * sector_size, padded, attribute_volume_label, 0, 0);

    std::string fat(sectors_per_fat * sector_size, '\0');
    set_next(fat, 0, 0xf00 | media_descriptor);
    set_next(fat, 1, end_of_chain);
    size_t free = 2;
    for (size_t i = 0; i < files.size(); ++i) {
        const FatFile& file = files[i];
        const auto name = short_name(file.name);
        if (!name) return fail("a FAT volume has no short name for " + file.name);
        const size_t count = (file.content.size() + cluster_size - 1) / cluster_size;
        if (count > cluster_count + 2 - free)
            return fail("the volume has no room for " + file.name);
        const size_t entry = root_sector * sector_size + (i + 1) * entry_size;
        const uint8_t attributes = attribute_archive | (file.read_only ? attribute_read_only : 0);
        write_entry(volume, entry, *name, attributes, count == 0 ? 0 : static_cast<uint16_t>(free),
                    file.content.size());
        const bool small = std::ranges::any_of(
            file.name, [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; });
        if (small) put(volume, entry + 12, small_name | small_extension, 1);
        put(volume, data_sector * sector_size + (free - 2) * cluster_size, file.content);
        for (size_t n = 0; n < count; ++n, ++free) {
            set_next(fat, free, n + 1 == count ? end_of_chain : static_cast<uint16_t>(free + 1));
        }
    }
    for (size_t copy = 0; copy < fat_count; ++copy)
        put(volume, (first_fat_sector + copy * sectors_per_fat) * sector_size, fat);
    return volume;
}

Result<std::string> read_fat_file(std::string_view volume, std::string_view name, size_t max_size) {
    const auto wanted = short_name(name);
    if (!wanted) return fail("a FAT volume has no short name for " + std::string(name));
    const auto geometry = read_geometry(volume);
    if (!geometry) return std::unexpected(geometry.error());
    for (size_t i = 0; i < geometry->root_entries; ++i) {
        const size_t entry = geometry->root + i * entry_size;
        if (byte(volume, entry) == 0) break;  // no further one
        // Parts of long names have attribute_volume_label, too.
        if ((byte(volume, entry + 11) & (attribute_volume_label | attribute_folder)) != 0) continue;
        if (volume.substr(entry, name_size) != *wanted) continue;

        const size_t size = little(volume, entry + 28, 4);
        if (size > max_size) return fail(std::string(name) + " is too long");
        std::string content;
        size_t cluster = little(volume, entry + 26, 2);
        while (content.size() < size) {
            if (!geometry->is_cluster(cluster)) return fail(std::string(name) + " is cut off");
            const size_t at = geometry->data + (cluster - 2) * geometry->cluster;
            content += volume.substr(at, std::min(geometry->cluster, size - content.size()));
            cluster = geometry->next(volume, cluster);
        }
        return content;
    }
    return fail("there is no " + std::string(name) + " on the volume");
}

}  // namespace bootwire::helpdisk
