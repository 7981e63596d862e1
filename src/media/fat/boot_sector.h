// Where the fields of a FAT file system's boot sector are, in bytes from its start. Source:
// Microsoft's FAT32 File System Specification 1.03 (fatgen103), "Boot Sector and BPB".
#pragma once

#include <cstddef>
#include <cstdint>

namespace bootwire::fat::boot_sector {

inline constexpr size_t size = 512;  ///< whatever the sectors of the volume have

inline constexpr size_t jump = 0;  ///< and the name of who made it
inline constexpr size_t bytes_per_sector = 11;
inline constexpr size_t sectors_per_cluster = 13;  ///< one byte
inline constexpr size_t reserved_sectors = 14;
inline constexpr size_t fats = 16;  ///< one byte
inline constexpr size_t root_entries = 17;
inline constexpr size_t few_sectors = 19;  ///< 0: see many_sectors
inline constexpr size_t media = 21;        ///< one byte
inline constexpr size_t fat_sectors = 22;  ///< 0: FAT32, see fat32_sectors
inline constexpr size_t sectors_per_track = 24;
inline constexpr size_t heads = 26;
inline constexpr size_t many_sectors = 32;  ///< four bytes

// FAT12 and FAT16.
inline constexpr size_t drive = 36;   ///< one byte
inline constexpr size_t extras = 38;  ///< one byte, `serial_follows` or more
inline constexpr size_t serial = 39;  ///< four bytes
inline constexpr size_t label = 43;
inline constexpr size_t type = 54;

// FAT32.
inline constexpr size_t fat32_sectors = 36;  ///< four bytes
inline constexpr size_t root_cluster = 44;   ///< four bytes
inline constexpr size_t fat32_extras = 66;   ///< one byte, as `extras`
inline constexpr size_t fat32_serial = 67;   ///< four bytes

inline constexpr size_t signature = 510;
inline constexpr uint16_t signature_value = 0xaa55;

/// In `extras`: a serial number follows, and nothing else (0x28), or label and type, too (0x29).
inline constexpr uint8_t serial_follows = 0x28;
inline constexpr uint8_t serial_label_and_type_follow = 0x29;

/// In `media`: "fixed disk".
inline constexpr uint8_t fixed_disk = 0xf8;

}  // namespace bootwire::fat::boot_sector
