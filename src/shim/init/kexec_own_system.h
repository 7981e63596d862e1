// Ourselves, packed for the disk's kernel.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "init/disk_stage.h"
#include "kexec/kernel_image.h"
#include "plan/request.h"
#include "uplink/uplink.h"

namespace bootwire::init {

struct PackedSelf {
    std::string archive;             ///< secrets may be in it
    std::vector<std::string> words;  ///< for the command line; no secret is among them
};

/// Our init with the modules that the root file system has for that kernel. In the next kernel it
/// does again what it did here, as the same words and DHCP tell it, and then pivots.
/// given: what that is done by, with the secrets.
/// root: has one.
Result<PackedSelf> pack_ourselves(const uplink::Network& network, const RootDisk& root,
                                  const kexec::KernelImage& kernel, const plan::Given& given);

/// Our init to run before that of the disk's initramfs, which it starts once the disk is there,
/// with the modules of the root, if there is one that has them.
Result<PackedSelf> pack_forerunner(const uplink::Network& network, const RootDisk& root,
                                   const kexec::KernelImage& kernel, const plan::Given& given);

}  // namespace bootwire::init
