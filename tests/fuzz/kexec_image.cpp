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
    if (ability && ability->names == 0 && ability->closed.empty()) std::abort();

    // In pieces, an archive is the same as in one; nothing is told that is not there.
    struct Told {
        std::string names;
        uint64_t promised = 0, content = 0;
        bool operator==(const Told&) const = default;
    };
    const auto read = [](Bytes bytes, size_t first) {
        Told told;
        kexec::CpioReader reader({[&](const kexec::CpioEntry& entry) -> Status {
                                      told.names += entry.name + '\n';
                                      told.promised += entry.size;
                                      return {};
                                  },
                                  [&](Bytes piece) -> Status {
                                      told.content += piece.size();
                                      return {};
                                  }});
        if (reader.add(bytes.first(first))) (void)reader.add(bytes.subspan(first));
        return told;
    };
    const Told whole = read({data, size}, 0);
    if (whole != read({data, size}, size == 0 ? 0 : data[0] % size)) std::abort();
    if (whole.content > whole.promised || whole.content > size) std::abort();

    const std::string name = "n" + file.substr(0, 40).substr(0, file.find('\0'));
    kexec::CpioWriter writer;
    writer.add_file(name, file);
    const std::string archive = writer.finish();
    const Told written = read(bytes_of(archive), archive.size() / 2);
    if (written.names != name + "\nTRAILER!!!\n" || written.content != size) std::abort();
    return 0;
}
