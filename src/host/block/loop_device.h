// A device shown once more as a disk with partitions and with blocks of another size, by the
// kernel's loop driver.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"

namespace bootwire::block {

/// There for as long as this is, or as it is in use.
class LoopDevice {
  public:
    /// Shows the device, or file, at the path. block_size: in bytes, a power of 2 from 512 to a
    /// page. The kernel has read its partition table when this returns.
    static Result<LoopDevice> attach(const std::string& path, uint32_t block_size);
    LoopDevice(LoopDevice&& other) noexcept : name_(std::exchange(other.name_, {})) {}
    LoopDevice& operator=(LoopDevice&&) = delete;
    ~LoopDevice();

    /// The kernel's, "loop0".
    const std::string& name() const { return name_; }

  private:
    explicit LoopDevice(std::string name) : name_(std::move(name)) {}

    std::string name_;
};

}  // namespace bootwire::block
