// The cpio archives ("newc") that a kernel takes as initramfs.
// Source: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bootwire::kexec {

/// Writes an archive in memory. Paths have no leading slash; folders go before what is in them.
/// Everything belongs to root.
class CpioWriter {
  public:
    /// mode: permissions alone.
    void add_folder(std::string_view path, uint32_t mode = 0755);
    void add_file(std::string_view path, std::string_view content, uint32_t mode = 0644);
    void add_device(std::string_view path, uint32_t major, uint32_t minor, uint32_t mode = 0600);
    /// The archive with its trailer, padded to 512 bytes. The writer is empty afterwards.
    std::string finish();

  private:
    struct Device {
        uint32_t major, minor;
    };
    void add(std::string_view path, uint32_t mode, Device device, std::string_view content);

    std::string archive_;
    uint32_t inode_ = 0;
};

/// Takes an archive in pieces of any size and tells the names in it; keeps nothing of the contents.
/// Zeros between archives are skipped, as the kernel does.
class CpioNames {
  public:
    explicit CpioNames(std::function<void(std::string_view name)> on_name)
        : on_name_(std::move(on_name)) {}

    /// False once the bytes are no cpio archive; what follows is then not looked at.
    bool add(Bytes bytes);
    /// Between two entries or archives, so that the next byte may begin a compressed one?
    bool at_boundary() const { return state_ == State::header && filled_.empty(); }

  private:
    enum class State { header, name, skip, broken };
    void finish_header();
    void finish_name();

    std::function<void(std::string_view)> on_name_;
    State state_ = State::header;
    std::string filled_;       // of the header or the name
    uint64_t wanted_ = 0;      // bytes of the name, or still to be skipped
    uint64_t after_name_ = 0;  // content and padding
};

}  // namespace bootwire::kexec
