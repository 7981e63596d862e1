#include "kexec/load.h"

#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "kexec/carrier.h"
#include "os/fd.h"
#include "os/random.h"

namespace bootwire::kexec {

namespace {

constexpr size_t seeds = 8 + 64;  // kaslr-seed and rng-seed

/// KEXEC_FILE_NO_CMA of linux/kexec.h since 6.17. The contiguous memory is 16 MB at the end of what
/// a small Pi has, and what goes with a kernel lies above it: one of some 14 MB would find no place
/// for that (EADDRNOTAVAIL).
constexpr unsigned long outside_cma = 0x10;

/// initramfs: -1 for none, with the flag that says so.
bool load(const Fd& image, int initramfs, const std::string& command_line, unsigned long flags) {
    for (const unsigned long more : {outside_cma, 0UL}) {  // older kernels know no such flag
        if (syscall(SYS_kexec_file_load, image.get(), initramfs, command_line.size() + 1,
                    command_line.c_str(), flags | more) == 0) {
            return true;
        }
        if (errno != EINVAL) return false;
    }
    return false;
}

/// A file in memory alone, since the kernel wants descriptors. What is between pieces is zero.
Result<Fd> file_with(const char* name, const std::vector<Piece>& pieces) {
    Fd file(memfd_create(name, MFD_CLOEXEC));
    if (!file.valid()) return fail_errno("cannot keep the next kernel in memory");
    for (const Piece& piece : pieces) {
        size_t done = 0;
        while (done < piece.bytes.size()) {
            const ssize_t count =
                pwrite(file.get(), piece.bytes.data() + done, piece.bytes.size() - done,
                       static_cast<off_t>(piece.offset + done));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return fail_errno("cannot keep the next kernel in memory");
            done += static_cast<size_t>(count);
        }
    }
    return file;
}

Status check_length(const std::string& command_line) {
    if (command_line.size() <= longest_command_line) return {};
    return fail("the next kernel's command line is longer than " +
                    std::to_string(longest_command_line) + " bytes",
                "shorten the disk's cmdline.txt");
}

}  // namespace

Error refusal(int error_number, const KernelImage& kernel, const std::string& name) {
    const std::string file = "the kernel " + printable(name, 120);
    switch (error_number) {
        case EINVAL:
        case ENOEXEC:
            if (kernel.header.page_size > 4096) {
                return fail(file + " is for memory pages of " +
                                std::to_string(kernel.header.page_size / 1024) +
                                " KB, which this board's processor does not have",
                            "name another one with kernel= in config.txt: kernel8.img is for every "
                            "board")
                    .error();
            }
            return fail_errno(error_number, file + " is refused by kexec").error();
        case EBUSY:
            return fail(file +
                            " cannot be started any more: this board's other CPUs have been "
                            "started, by an earlier attempt of this boot or by maxcpus=",
                        "restart the Pi with iscsi.mode=kexec (rescue console: `reboot`), and "
                        "without maxcpus= on bootwire's command line")
                .error();
        case ENOMEM:
        case EADDRNOTAVAIL:
            return fail(file + " and its initramfs do not fit into this board's memory",
                        "boot with iscsi.mode=pivot")
                .error();
        default:
            return fail_errno(error_number, file + " cannot be loaded").error();
    }
}

Status load_kernel(const KernelImage& kernel, const std::string& name, const std::string& initramfs,
                   const std::string& command_line) {
    if (auto fits = check_length(command_line); !fits) return fits;
    const auto image = file_with("kernel", {{0, kernel.bytes}});
    if (!image) return std::unexpected(image.error());
    const auto archive = file_with("initramfs", {{0, initramfs}});
    if (!archive) return std::unexpected(archive.error());
    const unsigned long flags = initramfs.empty() ? KEXEC_FILE_NO_INITRAMFS : 0;
    if (!load(*image, archive->get(), command_line, flags)) {
        return std::unexpected(refusal(errno, kernel, name));
    }
    return {};
}

Status load_kernel_with_tree(const KernelImage& kernel, const std::string& name,
                             const std::string& initramfs, const std::string& command_line,
                             devicetree::Tree tree) {
    if (auto fits = check_length(command_line); !fits) return fits;
    std::string random(seeds, '\0');
    fill_with_secure_random({reinterpret_cast<uint8_t*>(random.data()), random.size()});
    const auto carrier =
        make_carrier(kernel, initramfs.size(), std::move(tree), command_line, random);
    if (!carrier) return std::unexpected(carrier.error());
    const auto image = file_with("kernel", carrier->pieces(kernel.bytes, initramfs));
    if (!image) return std::unexpected(image.error());
    if (!load(*image, -1, command_line, KEXEC_FILE_NO_INITRAMFS)) {
        return std::unexpected(refusal(errno, kernel, name));
    }
    return {};
}

void unload_kernel() {
    syscall(SYS_kexec_file_load, -1, -1, 0UL, nullptr,
            static_cast<unsigned long>(KEXEC_FILE_UNLOAD));
}

Error start_loaded_kernel() {
    syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, nullptr);
    return fail_errno("the kernel does not start the next one").error();
}

}  // namespace bootwire::kexec
