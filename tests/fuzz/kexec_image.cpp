// A file from a disk as a kernel and as an initramfs: what is taken has a header, and what is
// written as an archive is read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kexec/cpio.h"
#include "kexec/initramfs.h"
#include "kexec/kernel_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire;
    const std::string file(reinterpret_cast<const char*>(data), size);
    const auto kernel = kexec::unpack_kernel(file, "kernel8.img");
    if (kernel && (kernel->header.image_size == 0 || kernel->bytes.size() < 64)) std::abort();
    if (!kernel && !kernel.error().what.starts_with("the kernel kernel8.img ")) std::abort();

    const auto ability = kexec::examine_initramfs({data, size});
    if (ability && ability->names == 0) std::abort();

    const std::string name = "n" + file.substr(0, 40).substr(0, file.find('\0'));
    kexec::CpioWriter writer;
    writer.add_file(name, file);
    size_t found = 0;
    kexec::CpioNames names([&](std::string_view seen) { found += seen == name; });
    const std::string archive = writer.finish();
    const Bytes bytes(reinterpret_cast<const uint8_t*>(archive.data()), archive.size());
    const size_t half = size == 0 ? 0 : data[0] % bytes.size();
    if (!names.add(bytes.first(half)) || !names.add(bytes.subspan(half)) || found != 1)
        std::abort();
    return 0;
}
