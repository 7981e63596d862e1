// Kernel modules that travel in the initramfs: file systems and displays that not every boot needs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bootwire::board {

/// The index that the kernel's build writes beside the modules. Lines "NAME: DEPENDENCY…" (in load
/// order) and "alias PATTERN NAME" (shell wildcards, as in modules.alias).
class ModuleIndex {
  public:
    static ModuleIndex parse(std::string_view text);

    /// The module's dependencies in load order and then itself; empty for an unknown name.
    /// '-' and '_' are the same.
    std::vector<std::string> load_order(std::string_view name) const;
    /// The names of the modules that have an alias matching the string ("fs-btrfs",
    /// "of:NhdmiT(null)Cbrcm,bcm2835-hdmi").
    std::vector<std::string> matching(const std::string& alias) const;

  private:
    struct Alias {
        std::string pattern;
        std::string module;
    };

    std::map<std::string, std::vector<std::string>, std::less<>> dependencies_;
    std::vector<Alias> aliases_;
};

/// Loads one module file, compressed if its name ends in something behind ".ko", which the kernel
/// has to be able to undo. One that is there already is no error.
Status insert_module(const std::string& path);

/// Loads from the folder (files NAME.ko.xz and "index") what the alias or module name stands for,
/// dependencies first. An unknown name is an error; a module that is already there is not.
Status load_module(const std::string& folder, const std::string& name_or_alias);

/// Loads what the devices of this machine ask for by their modalias in /sys/devices; best effort.
void load_modules_of_devices(const std::string& folder);

}  // namespace bootwire::board
