// Devices of the kernel's device mapper (Documentation/admin-guide/device-mapper), by its ioctls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace bootwire::block {

/// What a mapped device is made of: one target, from its first sector to its last.
struct MappedTable {
    uint64_t sectors = 0;  ///< of 512 bytes
    std::string target;    ///< its type, "snapshot"
    std::string parameters;
};

/// What is written goes to the store, in pieces of 4 KiB and until the device is gone; what is not
/// is read from the origin, to which nothing is written (dm-snapshot with a transient store,
/// snapshot.rst). Both by device number, "8:0".
MappedTable transient_snapshot(uint64_t sectors, const std::string& origin,
                               const std::string& store);

/// The argument of DM_TABLE_LOAD (linux/dm-ioctl.h). The name: at most 127 bytes.
std::vector<uint8_t> table_request(const std::string& name, const MappedTable& table);

/// One that is there for as long as this is, unless it is in use by then.
class MappedDevice {
  public:
    static Result<MappedDevice> create(const std::string& name, const MappedTable& table);
    MappedDevice(MappedDevice&& other) noexcept
        : name_(std::move(other.name_)), disk_name_(std::move(other.disk_name_)) {
        other.name_.clear();
    }
    MappedDevice& operator=(MappedDevice&&) = delete;
    ~MappedDevice();

    /// The kernel's, "dm-0".
    const std::string& disk_name() const { return disk_name_; }

  private:
    explicit MappedDevice(std::string name) : name_(std::move(name)) {}

    std::string name_;
    std::string disk_name_;
};

}  // namespace bootwire::block
