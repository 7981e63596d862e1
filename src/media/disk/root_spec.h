// Which file system is the root, as a person or a cmdline.txt says it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::disk {

struct RootSpec {
    enum class Kind : uint8_t {
        partuuid,          ///< text: "1a2b3c4d-02" (MBR) or a GUID, lower case
        uuid,              ///< text: as blkid prints it, lower case
        label,             ///< text: the file system's label
        partlabel,         ///< text: the GPT partition's name
        partition_number,  ///< number: 1 to 256
        whole_disk,
    };

    Kind kind = Kind::whole_disk;
    std::string text;
    unsigned number = 0;

    /// As it can be parsed again: "PARTUUID=1a2b3c4d-02", "2", "whole".
    std::string to_string() const;
    bool operator==(const RootSpec&) const = default;
};

/// Understands PARTUUID=, UUID=, LABEL=, PARTLABEL=, /dev/disk/by-…/…, a partition number,
/// /dev/mmcblk0p2, /dev/sda2, /dev/nvme0n1p2 (the number counts, the disk is ours whatever its
/// name), /dev/sda, and "whole". An error says in its `what` why not ("/dev/nfs is not on a disk"),
/// without naming the setting; the caller knows where the text came from.
Result<RootSpec> parse_root_spec(std::string_view text);

}  // namespace bootwire::disk
