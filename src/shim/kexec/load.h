// The kernel's kexec: another kernel is put in place, and started.
#pragma once

#include <string>

#include "base/error.h"
#include "devicetree/tree.h"
#include "kexec/kernel_image.h"

namespace bootwire::kexec {

/// The longest command line that an arm64 kernel takes, in bytes without NUL.
constexpr size_t longest_command_line = 2047;

/// kexec_file_load(2): the next kernel gets the device tree that this kernel was started with.
/// initramfs may be empty. Must come before other CPUs are started. name: of the kernel's file, for
/// messages.
Status load_kernel(const KernelImage& kernel, const std::string& name, const std::string& initramfs,
                   const std::string& command_line);
/// The same with a tree of its own, in which firmware's findings are (devicetree/carry_over.h).
Status load_kernel_with_tree(const KernelImage& kernel, const std::string& name,
                             const std::string& initramfs, const std::string& command_line,
                             devicetree::Tree tree);
/// What to say to a person of an error of kexec_file_load(2). name: of the kernel's file.
Error refusal(int error_number, const KernelImage& kernel, const std::string& name);
/// Takes it back.
void unload_kernel();

/// reboot(2) into what was loaded. Returns only on failure.
Error start_loaded_kernel();

}  // namespace bootwire::kexec
