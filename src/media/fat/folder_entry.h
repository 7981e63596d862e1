// An entry of a folder in a FAT file system: the offsets of its fields, in bytes, and what they
// hold. Source: Microsoft's FAT32 File System Specification 1.03 (fatgen103), "FAT Directory
// Structure".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bootwire::fat::entry {

inline constexpr size_t size = 32;
inline constexpr size_t name_size = 11;

inline constexpr size_t name = 0;
inline constexpr size_t attributes = 11;     ///< one byte
inline constexpr size_t small_letters = 12;  ///< one byte; as Windows NT has it
inline constexpr size_t made = 16;
inline constexpr size_t last_read = 18;
inline constexpr size_t written = 24;
inline constexpr size_t first_cluster = 26;  ///< its lower two bytes, which is all but for FAT32
inline constexpr size_t file_size = 28;      ///< four bytes

// In the first byte of a name.
inline constexpr uint8_t end_of_folder = 0x00;
inline constexpr uint8_t deleted = 0xe5;
inline constexpr uint8_t stands_for_e5 = 0x05;

// In `attributes`.
inline constexpr uint8_t read_only = 0x01;
inline constexpr uint8_t volume_label = 0x08;
inline constexpr uint8_t folder = 0x10;
inline constexpr uint8_t archive = 0x20;
inline constexpr uint8_t long_name = 0x0f;  ///< all of these bits: a part of a long name

// In `small_letters`.
inline constexpr uint8_t small_name = 0x08;
inline constexpr uint8_t small_extension = 0x10;

/// "BOOTWIRETXT" of "bootwire.txt"; nothing if it does not fit.
std::optional<std::string> short_name(std::string_view file_name);

}  // namespace bootwire::fat::entry
