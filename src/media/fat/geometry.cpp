#include "fat/geometry.h"

#include "fat/boot_sector.h"
#include "fat/folder_entry.h"

namespace bootwire::fat {

namespace {

// "FAT Type Determination" of the specification: by the number of clusters alone; FAT32 is told
// before.
constexpr uint64_t most_of_fat12 = 4084;
constexpr uint64_t most_of_fat16 = 65524;
constexpr uint64_t most_of_fat32 = 0x0ffffff6;

bool is_power_of_2(uint32_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/// The fields as they are, and whether each for itself can be.
struct Fields {
    uint32_t sector_size;
    uint32_t sectors_per_cluster;
    uint32_t reserved_sectors;
    uint32_t fats;
    uint32_t root_entries;
    uint64_t sectors;
    uint64_t fat_sectors;
    bool is_fat32;

    explicit Fields(const uint8_t* boot) {
        namespace at = boot_sector;
        sector_size = load_le16(boot + at::bytes_per_sector);
        sectors_per_cluster = boot[at::sectors_per_cluster];
        reserved_sectors = load_le16(boot + at::reserved_sectors);
        fats = boot[at::fats];
        root_entries = load_le16(boot + at::root_entries);
        const uint16_t few = load_le16(boot + at::few_sectors);
        sectors = few != 0 ? few : load_le32(boot + at::many_sectors);
        const uint16_t short_fat = load_le16(boot + at::fat_sectors);
        is_fat32 = short_fat == 0;
        fat_sectors = is_fat32 ? load_le32(boot + at::fat32_sectors) : short_fat;
    }

    bool are_possible() const {
        return is_power_of_2(sector_size) && sector_size >= 512 && sector_size <= 4096 &&
               is_power_of_2(sectors_per_cluster) && reserved_sectors != 0 && fats != 0 &&
               fat_sectors != 0 && is_fat32 == (root_entries == 0);
    }
};

bool has_marks(const uint8_t* boot) {
    const uint8_t media = boot[boot_sector::media];
    return load_le16(boot + boot_sector::signature) == boot_sector::signature_value &&
           (media == 0xf0 || media >= 0xf8);
}

uint32_t serial_of(const uint8_t* boot, bool is_fat32) {
    namespace at = boot_sector;
    const uint8_t extras = boot[is_fat32 ? at::fat32_extras : at::extras];
    if (extras != at::serial_follows && extras != at::serial_label_and_type_follow) return 0;
    return load_le32(boot + (is_fat32 ? at::fat32_serial : at::serial));
}

}  // namespace

uint64_t Geometry::link_position(uint32_t number) const {
    switch (type) {
        case Type::fat12:  // two in three bytes
            return fat + uint64_t{number} * 3 / 2;
        case Type::fat16:
            return fat + uint64_t{number} * 2;
        case Type::fat32:
            break;
    }
    return fat + uint64_t{number} * 4;
}

uint32_t Geometry::next_cluster(uint32_t number, const uint8_t* link) const {
    switch (type) {
        case Type::fat12:
            return number % 2 == 0 ? load_le16(link) & 0x0fff : load_le16(link) >> 4;
        case Type::fat16:
            return load_le16(link);
        case Type::fat32:
            break;
    }
    return load_le32(link) & 0x0fffffff;
}

std::optional<Geometry> read_geometry(Bytes head) {
    if (head.size() < boot_sector::size || !has_marks(head.data())) return {};
    const Fields fields(head.data());
    if (!fields.are_possible()) return std::nullopt;

    const uint64_t sector = fields.sector_size;
    const uint64_t root_size = uint64_t{fields.root_entries} * entry::size;
    Geometry found;
    found.sector_size = fields.sector_size;
    found.cluster_size = fields.sectors_per_cluster * fields.sector_size;
    found.size = fields.sectors * sector;
    found.fat = fields.reserved_sectors * sector;
    found.fat_size = fields.fat_sectors * sector;
    found.root = found.fat + fields.fats * found.fat_size;
    found.root_entries = fields.root_entries;
    found.data = found.root + (root_size + sector - 1) / sector * sector;
    if (found.data > found.size) return std::nullopt;

    const uint64_t clusters = (found.size - found.data) / found.cluster_size;
    if (clusters > (fields.is_fat32 ? most_of_fat32 : most_of_fat16)) return std::nullopt;
    found.clusters = static_cast<uint32_t>(clusters);
    found.type = fields.is_fat32             ? Type::fat32
                 : clusters <= most_of_fat12 ? Type::fat12
                                             : Type::fat16;
    if (fields.is_fat32) found.root_cluster = load_le32(head.data() + boot_sector::root_cluster);
    found.serial = serial_of(head.data(), fields.is_fat32);
    return found;
}

}  // namespace bootwire::fat
