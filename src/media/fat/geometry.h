// Where everything is in a FAT file system, as its boot sector says. Who reads one and who looks
// what it is go by the same.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace bootwire::fat {

enum class Type : uint8_t { fat12, fat16, fat32 };

/// Positions are bytes from the volume's start, sizes are bytes.
struct Geometry {
    Type type = Type::fat12;
    uint32_t sector_size = 0;   ///< 512, 1024, 2048 or 4096
    uint32_t cluster_size = 0;  ///< a power of two times sector_size
    uint32_t clusters = 0;      ///< numbered from 2
    uint64_t size = 0;          ///< of all of it; the volume itself may be smaller
    uint64_t fat = 0;           ///< position of the first FAT
    uint64_t fat_size = 0;      ///< of each FAT
    uint64_t root = 0;          ///< FAT12 and FAT16: position of the root folder
    uint32_t root_entries = 0;  ///< FAT12 and FAT16
    uint32_t root_cluster = 0;  ///< FAT32: where the root folder begins
    uint64_t data = 0;          ///< position of cluster 2
    uint32_t serial = 0;        ///< 0: none

    bool has_cluster(uint32_t number) const { return number >= 2 && number - 2 < clusters; }
    /// Of a cluster that there is.
    uint64_t cluster_position(uint32_t number) const {
        return data + uint64_t{number - 2} * cluster_size;
    }

    /// What the FAT has about a cluster: this many bytes, there.
    uint32_t link_size() const { return type == Type::fat32 ? 4 : 2; }
    uint64_t link_position(uint32_t number) const;
    /// The cluster that follows, from those bytes; one that there is not means that none does.
    uint32_t next_cluster(uint32_t number, const uint8_t* link) const;
    /// Is there a link for each cluster? The kernel goes without those that have none.
    bool fat_covers_clusters() const { return link_position(clusters + 2) <= fat + fat_size; }
};

/// head: the first bytes of a volume, 512 or more. Nothing if they are not those of a FAT file
/// system. As strict as the kernel's fat_read_bpb() and libblkid.
std::optional<Geometry> read_geometry(Bytes head);

}  // namespace bootwire::fat
