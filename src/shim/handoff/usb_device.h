// The USB port on which this board can be a device, with the disks on it.
#pragma once

#include <string>

#include "base/error.h"
#include "handoff/gadget.h"

namespace bootwire::handoff {

/// What the other end of the cable is doing (include/linux/usb/ch9.h, usb_device_state).
enum class UsbHost {
    absent,      ///< no cable, or nothing at its other end
    connecting,  ///< it is asking what this is
    using_it,    ///< the disks are there for it
    asleep,      ///< it has suspended the port
};
/// Of the text in /sys/class/udc/NAME/state.
UsbHost usb_host_of(const std::string& state);

/// The driver of a controller, "dwc2"; empty if sysfs does not say. controllers: where they are
/// listed, /sys/class/udc.
std::string driver_of_controller(const std::string& controller, const std::string& controllers);

/// Shows disks for as long as it lives.
class UsbDevice {
  public:
    /// Fails with a hint if this board has no port that can be a device. Looks at one that is only
    /// looked at when it is needed (board/on_demand.h).
    static Status check_port();
    /// Fails as check_port() does, too. What the controller can is its own to say.
    static Result<UsbDevice> show(Gadget gadget);
    UsbDevice(UsbDevice&& other) noexcept
        : controller_(std::move(other.controller_)), disks_(other.disks_) {
        other.controller_.clear();
    }
    UsbDevice& operator=(UsbDevice&&) = delete;
    /// Takes the disks out, as a stick that is pulled; what the host wrote is synced before.
    ~UsbDevice();

    UsbHost host() const;
    /// "high-speed", "super-speed"; what the host and this port have agreed on.
    std::string speed() const;
    /// Has the host, or take_out(), ejected the medium of that disk?
    bool is_empty(size_t number) const;
    /// Takes the medium out, even if the host has locked it.
    Status take_out(size_t number);
    Status put_in(size_t number, const std::string& device);

  private:
    UsbDevice(std::string controller, size_t disks)
        : controller_(std::move(controller)), disks_(disks) {}

    std::string controller_;  // in /sys/class/udc
    size_t disks_ = 0;
};

}  // namespace bootwire::handoff
