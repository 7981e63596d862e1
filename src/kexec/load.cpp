#include "kexec/load.h"

#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "base/text.h"

namespace bootwire::kexec {

namespace {

/// A file in memory alone, since the kernel wants descriptors.
Result<Fd> file_with(const char* name, const std::string& content) {
    Fd file(memfd_create(name, MFD_CLOEXEC));
    if (!file.valid()) return fail_errno("cannot keep the next kernel in memory");
    size_t done = 0;
    while (done < content.size()) {
        const ssize_t count = write(file.get(), content.data() + done, content.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail_errno("cannot keep the next kernel in memory");
        done += static_cast<size_t>(count);
    }
    return file;
}

std::unexpected<Error> refused(int error, const KernelImage& kernel, const std::string& name) {
    const std::string file = "the kernel " + printable(name, 120);
    switch (error) {
        case EINVAL:
        case ENOEXEC:
            if (kernel.header.page_size > 4096) {
                return fail(file + " is for memory pages of " +
                                std::to_string(kernel.header.page_size / 1024) +
                                " KB, which this board's processor does not have",
                            "name another one with kernel= in config.txt: kernel8.img is for every "
                            "board");
            }
            return fail_errno(error, file + " is refused by kexec");
        case EBUSY:
            return fail(file + " cannot be started: this board's other CPUs run already",
                        "leave maxcpus= out of bootwire's command line");
        case ENOMEM:
        case EADDRNOTAVAIL:
            return fail(file + " and its initramfs do not fit into this board's memory",
                        "boot with iscsi.mode=pivot");
        default:
            return fail_errno(error, file + " cannot be loaded");
    }
}

}  // namespace

Status load_kernel(const KernelImage& kernel, const std::string& name, const std::string& initramfs,
                   const std::string& command_line) {
    if (command_line.size() > kLongestCommandLine) {
        return fail("the next kernel's command line is longer than " +
                        std::to_string(kLongestCommandLine) + " bytes",
                    "shorten the disk's cmdline.txt");
    }
    const auto image = file_with("kernel", kernel.bytes);
    if (!image) return std::unexpected(image.error());
    const auto archive = file_with("initramfs", initramfs);
    if (!archive) return std::unexpected(archive.error());
    const unsigned long flags = initramfs.empty() ? KEXEC_FILE_NO_INITRAMFS : 0;
    if (syscall(SYS_kexec_file_load, image->get(), archive->get(), command_line.size() + 1,
                command_line.c_str(), flags) != 0) {
        return refused(errno, kernel, name);
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
