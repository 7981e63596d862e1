// Our init inside another kernel's initramfs: what src/shim/kexec/own_system.h packed for it.
#pragma once

#include <optional>
#include <string>

namespace bootwire::init {

/// Is this the kernel of a disk, started by kexec, with its own modules?
bool has_packed_modules();

/// Loads them, in the order in which they were packed; where none could be packed, those that the
/// disk's initramfs has for the same purpose. One that is refused is said and passed over: the
/// kernel may have it built in.
void load_packed_modules();

/// The secrets, lines "name=value", which are gone from the file system afterwards; may be empty.
std::string take_packed_secrets();

/// Of a forerunner: our own words, in place of those of the kernel's command line, which is the
/// disk's; nothing if this is none.
std::optional<std::string> packed_words();

/// Of a forerunner: the path of the disk's own init, which is to be started in our place once the
/// disk is there; nothing if this is none.
std::optional<std::string> packed_next_init();

/// The disk's own command line, as the first of our two runs read it; nothing if this is no second.
std::optional<std::string> packed_disk_words();

}  // namespace bootwire::init
