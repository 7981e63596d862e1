// From a session to the block device of one of its LUNs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "iscsi/scsi.h"
#include "session/kernel_initiator.h"

namespace bootwire::session {

/// A SCSI device that the kernel has found on a session.
struct ScsiDevice {
    uint64_t lun = 0;  ///< as Linux numbers it
    iscsi::PeripheralType type = iscsi::PeripheralType::none;
    std::string vendor;
    std::string model;
    std::string sysfs;  ///< /sys/class/scsi_device/H:0:0:L/device

    bool is_disk() const { return type == iscsi::PeripheralType::disk; }
    /// "LUN 1: disk, IET VIRTUAL-DISK"
    std::string to_string() const;
};

/// What the operator asked for.
struct LunChoice {
    uint64_t lun = 0;
    bool strict = false;  ///< this LUN or none (iscsi.strict=1)
};

/// Which device to boot from: the asked LUN if it is a disk; otherwise, unless strict, the only
/// disk there is. Otherwise an error that lists what there is.
Result<ScsiDevice> choose_device(const std::vector<ScsiDevice>& devices, const LunChoice& choice);

/// All that are disks, in the order of their LUNs; an error if none is.
Result<std::vector<ScsiDevice>> choose_all_disks(std::vector<ScsiDevice> devices);

/// The disk, ready to be opened.
struct ScsiDisk {
    ScsiDevice device;
    std::string name;  ///< kernel's name, "sda"; the node is /dev/sda
};

/// Makes the kernel look for all LUNs, and waits for the block devices of all disks among them, in
/// the order of their LUNs. Fails if there is none.
Result<std::vector<ScsiDisk>> attach_all_disks(const KernelSession& session,
                                               const std::function<void()>& on_progress);

/// Makes the kernel look for the LUN (and, only where that is no disk, for all), and waits for the
/// block device of the chosen one.
Result<ScsiDisk> attach_disk(const KernelSession& session, const LunChoice& choice,
                             const std::function<void()>& on_progress);

}  // namespace bootwire::session
