// The cpio archives ("newc") that a kernel takes as initramfs.
// Source: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

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

/// An entry's header. Numbers as the archive has them.
struct CpioEntry {
    std::string name;  ///< as it stands there, up to a NUL; "TRAILER!!!" ends an archive
    uint32_t inode = 0;
    uint32_t mode = 0;  ///< type and permissions, as st_mode
    uint32_t owner = 0, group = 0;
    uint32_t links = 0;
    uint32_t modified = 0;         ///< seconds since 1970
    uint32_t size = 0;             ///< bytes of content; of a symbolic link: where it leads
    uint32_t file_system[2] = {};  ///< major, minor: together with inode, which hard links are one
    uint32_t device[2] = {};       ///< major, minor, of a device node

    bool is_trailer() const { return name == "TRAILER!!!"; }
};

/// Takes an archive in pieces of any size and tells what is in it, in order. Zeros between archives
/// are skipped, as the kernel does.
class CpioReader {
  public:
    struct Handlers {
        std::function<Status(const CpioEntry&)> entry;
        std::function<Status(Bytes)>
            content{};  ///< of the last entry, piece by piece; may be empty
    };
    explicit CpioReader(Handlers handlers) : handlers_(std::move(handlers)) {}

    /// An error, the same for all that follows, once the bytes are no cpio archive, or once a
    /// handler has returned one.
    Status add(Bytes bytes);
    /// Between two entries or archives, so that the next byte may begin a compressed one?
    bool at_boundary() const { return state_ == State::header && filled_.empty(); }

  private:
    enum class State { header, name, content, broken };
    void fill(Bytes& bytes, size_t size);
    Status finish_header();
    Status finish_name();
    Status take_content(Bytes& bytes);

    Handlers handlers_;
    State state_ = State::header;
    std::string filled_;  // of the header or the name
    CpioEntry entry_;
    uint64_t name_size_ = 0;
    uint64_t before_ = 0, left_ = 0, behind_ = 0;  // bytes of padding, content, padding
    Error why_;
};

}  // namespace bootwire::kexec
