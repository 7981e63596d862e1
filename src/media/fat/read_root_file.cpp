#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "fat/folder_entry.h"
#include "fat/geometry.h"
#include "fat/volume.h"

namespace bootwire::fat {

namespace {

const uint8_t* bytes_at(std::string_view volume, uint64_t position) {
    return bytes_of(volume).data() + position;
}

/// Of a volume that is all there, so that every position of its geometry is inside.
Result<Geometry> read_whole_geometry(std::string_view volume) {
    const auto geometry = read_geometry(bytes_of(volume));
    if (!geometry || geometry->type == Type::fat32 || geometry->size > volume.size() ||
        !geometry->fat_covers_clusters()) {
        return fail("the volume is not a FAT file system");
    }
    return *geometry;
}

/// The entry of the file with that short name; null if there is none.
const uint8_t* find_entry(std::string_view volume, const Geometry& geometry,
                          std::string_view short_name) {
    for (size_t i = 0; i < geometry.root_entries; ++i) {
        const uint64_t position = geometry.root + i * entry::size;
        const uint8_t* item = bytes_at(volume, position);
        if (item[entry::name] == entry::end_of_folder) break;
        // Parts of long names are marked as volume labels, too.
        if ((item[entry::attributes] & (entry::volume_label | entry::folder)) != 0) continue;
        if (volume.substr(position, entry::name_size) == short_name) return item;
    }
    return nullptr;
}

}  // namespace

Result<std::string> read_root_file(std::string_view volume, std::string_view name,
                                   size_t max_size) {
    const auto wanted = entry::short_name(name);
    if (!wanted) return fail("a FAT volume has no short name for " + std::string(name));
    const auto geometry = read_whole_geometry(volume);
    if (!geometry) return std::unexpected(geometry.error());
    const uint8_t* item = find_entry(volume, *geometry, *wanted);
    if (item == nullptr) return fail("there is no " + std::string(name) + " on the volume");

    const size_t size = load_le32(item + entry::file_size);
    if (size > max_size) return fail(std::string(name) + " is too long");
    std::string content;
    uint32_t cluster = load_le16(item + entry::first_cluster);
    while (content.size() < size) {
        if (!geometry->has_cluster(cluster)) return fail(std::string(name) + " is cut off");
        content += volume.substr(geometry->cluster_position(cluster),
                                 std::min<size_t>(geometry->cluster_size, size - content.size()));
        cluster =
            geometry->next_cluster(cluster, bytes_at(volume, geometry->link_position(cluster)));
    }
    return content;
}

}  // namespace bootwire::fat
