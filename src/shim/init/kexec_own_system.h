// Ourselves, packed for the disk's kernel.
#pragma once

#include <string>
#include <vector>

#include "init/handoff_stage.h"
#include "kexec/kernel_image.h"

namespace bootwire::init {

struct PackedSelf {
    std::string archive;             ///< secrets may be in it
    std::vector<std::string> words;  ///< for the command line; no secret is among them
};

/// Our init with the modules that the root file system has for that kernel. In the next kernel it
/// does again what it did here, as the same words and DHCP tell it, and then pivots.
Result<PackedSelf> pack_ourselves(const Outcome& outcome, const kexec::KernelImage& kernel,
                                  const Machine& machine);

}  // namespace bootwire::init
