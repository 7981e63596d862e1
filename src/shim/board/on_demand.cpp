#include "board/on_demand.h"

#include <unistd.h>

#include "base/text.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::board {

namespace {

constexpr char compatible[] = "OF_COMPATIBLE_0=bootwire,on-demand";
constexpr std::string_view node_of = "OF_FULLNAME=";
/// Made for USB controllers that only need their clocks and resets: it makes devices of the nodes
/// below its own, and does nothing else where that names neither
/// (drivers/usb/dwc3/dwc3-of-simple.c).
constexpr char driver[] = "dwc3-of-simple";
constexpr size_t longest_uevent = 4096;

/// Empty if the device is none of ours.
std::string node_on_demand(const std::string& device) {
    const auto uevent = read_file(device + "/uevent", longest_uevent);
    if (!uevent) return {};
    std::string node;
    bool ours = false;
    for (const std::string_view line : split(*uevent, '\n')) {
        ours = ours || line == compatible;
        if (line.starts_with(node_of)) node = printable(line.substr(node_of.size()));
    }
    return ours ? node : std::string();
}

}  // namespace

void probe_on_demand(const std::function<void(const std::string& node)>& before,
                     const std::string& sysfs) {
    const std::string bus = sysfs + "/bus/platform";
    for (const std::string& name : names_in(bus + "/devices")) {
        const std::string device = bus + "/devices/" + name;
        const std::string node = node_on_demand(device);
        if (node.empty() || access((device + "/driver").c_str(), F_OK) == 0) continue;
        before(node);
        auto done = write_control_file(device + "/driver_override", driver);
        if (done) done = write_control_file(bus + "/drivers_probe", name);
        if (!done) log::warning(done.error().to_string());
    }
}

}  // namespace bootwire::board
