// Boot Loader Specification, type #1: one text file for each kernel below loader/entries.
// Source: uapi-group.org/specifications/specs/boot_loader_specification; systemd's loader.conf(5).
#pragma once

#include <compare>
#include <string_view>

#include "bootfiles/boot_files.h"

namespace bootwire::bootfiles {

/// The order of versions in the UAPI Version Format Specification: "6.12.9" < "6.12.10",
/// "6.12~rc1" < "6.12".
std::strong_ordering compare_versions(std::string_view a, std::string_view b);

/// The newest usable entry: of those that "default" in loader/loader.conf means, or else of all.
/// Nothing (an empty kernel) if there is no entry at all; an error if there are some and none is
/// usable.
/// They are looked for below /loader, then below /boot/loader.
Result<BootFiles> read_loader_entries(const Folder& folder);

/// The words of the entry that comes first, whether or not its files are there; nothing if there is
/// no entry.
std::optional<DiskWords> loader_entry_words(const Folder& folder);

}  // namespace bootwire::bootfiles
