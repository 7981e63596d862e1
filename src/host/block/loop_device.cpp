#include "block/loop_device.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include "os/fd.h"

namespace bootwire::block {

namespace {

/// One that is free at this moment; nobody else takes one while we boot.
Result<std::string> free_device() {
    const Fd control(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
    const int number = control.valid() ? ioctl(control.get(), LOOP_CTL_GET_FREE) : -1;
    if (number < 0) return fail_errno("the kernel has no loop device");
    return "loop" + std::to_string(number);
}

Fd open_device(const std::string& path) {
    return Fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
}

}  // namespace

Result<LoopDevice> LoopDevice::attach(const std::string& path, uint32_t block_size) {
    auto name = free_device();
    if (!name) return std::unexpected(name.error());
    const Fd backing = open_device(path);
    if (!backing.valid()) return fail_errno("cannot open " + path);
    const Fd device = open_device("/dev/" + *name);
    loop_config config{};
    config.fd = static_cast<uint32_t>(backing.get());
    config.block_size = block_size;
    config.info.lo_flags = LO_FLAGS_PARTSCAN;
    if (ioctl(device.get(), LOOP_CONFIGURE, &config) != 0) {
        return fail_errno("cannot show " + path + " as /dev/" + *name);
    }
    return LoopDevice(std::move(*name));
}

LoopDevice::~LoopDevice() {
    if (name_.empty()) return;
    ioctl(open_device("/dev/" + name_).get(), LOOP_CLR_FD, 0);
}

}  // namespace bootwire::block
