// How our kernel asks a Pi 3's firmware for a row of its one-time programmable memory, done here:
// the very code of kernel/patches/0004, cut out of it by from_patch.py, with a firmware that
// answers as a test says.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

namespace bootwire::kernel {

namespace otp_code {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"

// NOLINTBEGIN: names are the kernel's
#define GENMASK(high, low) (((1u << ((high) - (low) + 1)) - 1u) << (low))
#define DEVICE_ATTR_ADMIN_RO(name) \
    device_attribute dev_attr_##name { { 0400 } }

using u32 = uint32_t;
using umode_t = unsigned short;

struct rpi_firmware_property_tag_header {
    u32 tag, buf_size, req_resp_size;
};
struct rpi_firmware;
struct device;
struct kobject;
struct attribute {
    umode_t mode;
};
struct device_attribute {
    attribute attr;
};
struct attribute_group {
    attribute** attrs;
    umode_t (*is_visible)(kobject*, attribute*, int);
};

/// The words of a message: tag, room for values, response, values.
using Firmware = std::function<int(u32* words, size_t count)>;
inline Firmware firmware;
inline std::string machine;

inline rpi_firmware* dev_get_drvdata(device*) {
    return nullptr;
}
inline int rpi_firmware_property_list(rpi_firmware*, void* message, size_t size) {
    return firmware(static_cast<u32*>(message), size / sizeof(u32));
}
inline bool of_machine_is_compatible(const char* with) {
    return machine == with;
}
inline ssize_t sysfs_emit(char* buf, const char* format, u32 value) {
    return std::snprintf(buf, 4096, format, value);
}

#include "otp.inc"

#undef GENMASK
#undef DEVICE_ATTR_ADMIN_RO
#undef RPI_FIRMWARE_GET_USER_OTP
#undef OTP_BOOT_MODE_ROW
// NOLINTEND

#pragma GCC diagnostic pop

}  // namespace otp_code

/// What a read of the attribute gives: its text, or the error's number.
struct Shown {
    ssize_t result = 0;
    std::string text;
};
inline Shown show_boot_mode(otp_code::Firmware firmware) {
    otp_code::firmware = std::move(firmware);
    char page[4096] = {};
    Shown shown;
    shown.result = otp_code::otp_boot_mode_show(nullptr, nullptr, page);
    if (shown.result > 0) shown.text.assign(page, static_cast<size_t>(shown.result));
    return shown;
}

/// Who may see it on a machine with that name in its tree's "compatible": a file's mode, 0 for
/// nobody.
inline unsigned boot_mode_visibility(std::string machine) {
    otp_code::machine = std::move(machine);
    return otp_code::rpi_otp_visible(nullptr, otp_code::rpi_otp_attrs[0], 0);
}

}  // namespace bootwire::kernel
