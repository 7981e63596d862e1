#include "control/hardware.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/text.h"
#include "board/boot_rom.h"
#include "os/file.h"

namespace bootwire::control {

namespace {

constexpr size_t longest_value = 4096;
constexpr size_t most_devices = 1000;
// Whose devices may come from the device tree; USB's do by way of the network interfaces.
constexpr const char* buses[] = {"amba", "mdio_bus", "mmc", "nvmem", "pci", "platform", "sdio"};

std::string value(const std::string& path) {
    const auto text = read_file(path, longest_value);
    return text ? printable(trim(*text)) : std::string();
}

/// The strings of a property, with a blank between them.
std::string strings_property(const std::string& path) {
    std::string text = read_file(path, longest_value).value_or("");
    while (text.ends_with('\0'))
        text.pop_back();
    std::ranges::replace(text, '\0', ' ');
    return printable(text);
}

std::string hex_property(const std::string& path) {
    const std::string raw = read_file(path, longest_value).value_or("");
    if (raw.size() != sizeof(uint32_t)) return {};
    char text[16];
    std::snprintf(text, sizeof text, "%x", load_be32(bytes_of(raw).data()));
    return text;
}

std::vector<std::string> entries(const std::string& folder) {
    auto names = names_in(folder);
    names.resize(std::min(names.size(), most_devices));
    return names;
}

/// The last part of the path that a link leads to.
std::string target_name(const std::string& link) {
    char* const found = realpath(link.c_str(), nullptr);
    if (found == nullptr) return {};
    const std::string path = found;
    std::free(found);
    return printable(path.substr(path.rfind('/') + 1));
}

bool is_there(const std::string& path) {
    char* const found = realpath(path.c_str(), nullptr);
    std::free(found);
    return found != nullptr;
}

std::string driver_of(const std::string& device) {
    const std::string name = target_name(device + "/driver");
    return name.empty() ? "no driver" : name;
}

/// A device of the device tree, by its uevent.
struct Device {
    std::string node;
    std::string compatible;
    std::string driver;  ///< empty: none is bound
};

Device device_of(std::string_view uevent) {
    Device device;
    for (const std::string_view line : split(uevent, '\n')) {
        const size_t equals = line.find('=');
        if (equals == line.npos) continue;
        const std::string_view key = line.substr(0, equals);
        if (key == "OF_FULLNAME") device.node = printable(line.substr(equals + 1));
        if (key == "OF_COMPATIBLE_0") device.compatible = printable(line.substr(equals + 1));
        if (key == "DRIVER") device.driver = printable(line.substr(equals + 1));
    }
    return device;
}

class Reporter {
  public:
    explicit Reporter(const KernelView& view) : view_(view) { collect_devices(); }

    std::string text(std::optional<Verdict> session) && {
        text_ =
            "bootwire hardware report 1\n"
            "# For the table in bootwire's docs/hardware.md. Serial numbers, addresses, names "
            "that\n"
            "# people gave, secrets and the command line are not in here.\n";
        add_board();
        add("ability boot", !session                  ? "unknown, nobody answers who knows the disk"
                            : *session == Verdict::ok ? "works"
                                                      : "the session is lost");
        add_networks();
        add_usb_device();
        add_screens();
        add_eeprom();
        add_helpers();
        for (const Device& device : devices_) {
            add("device", device.node +
                              (device.compatible.empty() ? "" : " (" + device.compatible + ")") +
                              ": " + (device.driver.empty() ? "no driver" : device.driver));
        }
        return std::move(text_);
    }

  private:
    void add(std::string_view key, std::string_view text) {
        if (!text.empty()) text_.append(key).append(": ").append(text) += '\n';
    }

    void collect_devices() {
        for (const char* bus : buses) {
            const std::string folder = view_.sysfs + "/bus/" + bus + "/devices";
            for (const std::string& name : entries(folder)) {
                const auto uevent = read_file(folder + "/" + name + "/uevent", longest_value);
                Device device = device_of(uevent.value_or(""));
                if (!device.node.empty()) devices_.push_back(std::move(device));
            }
        }
        std::ranges::sort(devices_, {}, &Device::node);
    }

    void add_board() {
        const std::string& tree = view_.device_tree;
        add("model", strings_property(tree + "/model"));
        add("compatible", strings_property(tree + "/compatible"));
        add("revision", hex_property(tree + "/system/linux,revision"));
        for (const char* number : {"boot-mode", "build-timestamp", "capabilities", "partition",
                                   "signed", "update-timestamp"}) {
            add(std::string("bootloader ") + number,
                hex_property(tree + "/chosen/bootloader/" + number));
        }
        add("bootloader version", strings_property(tree + "/chosen/bootloader/version"));
        if (const auto state = board::network_boot(board::identify(tree), view_.sysfs))
            add("boot ROM", board::to_string(*state));
        add("bootwire", BOOTWIRE_VERSION);
        utsname kernel{};
        if (uname(&kernel) == 0) add("kernel", printable(kernel.release));  // not its nodename
        const std::string cpus = view_.sysfs + "/devices/system/cpu/";
        const std::string online = value(cpus + "online");
        if (!online.empty()) add("cpus", online + " of " + value(cpus + "present"));
    }

    void add_networks() {
        bool wired = false, carries = false, wireless = false;
        const std::string folder = view_.sysfs + "/class/net/";
        for (const std::string& name : entries(folder)) {
            const std::string interface = folder + name, device = interface + "/device";
            if (!is_there(device)) continue;
            const bool on_board = is_there(device + "/of_node") || is_there(device + "/../of_node");
            std::string said = driver_of(device);
            if (is_there(interface + "/phy80211")) {
                wireless = wireless || on_board;
                add("wireless", said + (on_board ? ", on the board" : ", plugged in"));
                continue;
            }
            said += on_board ? ", on the board" : ", plugged in";
            const std::string phy = value(interface + "/phydev/phy_id");
            if (!phy.empty()) said += ", PHY " + phy;
            const bool up = value(interface + "/carrier") == "1";
            const auto speed = parse_number<uint32_t>(value(interface + "/speed"));  // -1: unknown
            if (up && speed)
                said += ", " + std::to_string(*speed) + " Mb/s, " + value(interface + "/duplex") +
                        " duplex";
            add("network", said + (up ? ", link is up" : ", no link"));
            wired = wired || on_board;
            carries = carries || (on_board && up);
        }
        add("ability Ethernet", carries ? "works" : wired ? "present" : "absent");
        add("ability Wi-Fi", wireless ? "present" : "absent");
    }

    void add_usb_device() {
        const bool waits = std::ranges::any_of(devices_, [](const Device& each) {
            return each.compatible == "bootwire,on-demand" && each.driver.empty();
        });
        std::string best = waits ? "not looked at, as nobody has asked for it" : "absent";
        const std::string folder = view_.sysfs + "/class/udc/";
        for (const std::string& name : entries(folder)) {
            const std::string state = value(folder + name + "/state");
            add("udc",
                printable(name) + ", " + driver_of(folder + name + "/device") + ", " + state);
            if (best != "works") best = state == "configured" ? "works" : "present";
        }
        add("ability USB device", best);
    }

    void add_screens() {
        std::string best = "absent";
        const std::string folder = view_.sysfs + "/class/drm/";
        for (const std::string& name : entries(folder)) {
            const std::string status = value(folder + name + "/status");
            const size_t dash = name.find('-');
            if (status.empty() || dash == name.npos) continue;
            const std::string connector = name.substr(dash + 1);
            const bool lit =
                status == "connected" && value(folder + name + "/enabled") == "enabled";
            add("screen", printable(connector) + ", " +
                              driver_of(folder + name + "/device/device") + ", " + status +
                              (lit ? ", enabled" : ""));
            if (!connector.starts_with("HDMI")) continue;
            if (best != "works") best = lit ? "works" : "present";
        }
        add("ability HDMI", best);
    }

    void add_eeprom() {
        const std::string node = strings_property(view_.device_tree + "/aliases/blconfig");
        const bool bound = !node.empty() && std::ranges::any_of(devices_, [&](const Device& each) {
            return each.node == node && !each.driver.empty();
        });
        add("ability EEPROM", bound ? "present" : "absent");
    }

    /// What nobody boots from and everybody misses.
    void add_helpers() {
        for (const std::string& name : entries(view_.sysfs + "/class/watchdog"))
            add("watchdog", driver_of(view_.sysfs + "/class/watchdog/" + name + "/device"));
        add("random numbers", value(view_.sysfs + "/class/misc/hw_random/rng_current"));
        for (const std::string& name : entries(view_.sysfs + "/class/thermal")) {
            const std::string zone = view_.sysfs + "/class/thermal/" + name;
            const std::string temperature = value(zone + "/temp");
            if (!temperature.empty())
                add("temperature", value(zone + "/type") + ", " + temperature + " millidegrees");
        }
    }

    const KernelView& view_;
    std::vector<Device> devices_;
    std::string text_;
};

}  // namespace

std::string hardware_report(std::optional<Verdict> session, const KernelView& view) {
    return Reporter(view).text(session);
}

}  // namespace bootwire::control
