#include "board/device_aliases.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::board {

namespace {

constexpr size_t most_devices = 512;

std::string real_path(const std::string& path) {
    char* const found = realpath(path.c_str(), nullptr);
    if (found == nullptr) return {};
    std::string text = found;
    std::free(found);
    return text;
}

class Collector {
  public:
    explicit Collector(std::string devices) : devices_(std::move(devices)) {}

    /// The device and what it hangs on. Folders that are no devices have no alias, which is fine.
    void add(std::string device) {
        while (device.starts_with(devices_) && device.size() > devices_.size()) {
            if (visited_.size() >= most_devices || !visited_.insert(device).second) return;
            add_alias(device + "/modalias");
            add_suppliers(device);
            device.resize(device.rfind('/'));
        }
    }

    void add_alias_text(std::string text) {
        if (!text.empty() && std::ranges::find(aliases, text) == aliases.end()) {
            aliases.push_back(std::move(text));
        }
    }

    std::vector<std::string> aliases;

  private:
    void add_alias(const std::string& path) {
        const auto text = read_file(path, 4096);
        if (text) add_alias_text(std::string(trim(*text)));
    }

    /// Links "supplier:…" lead to a device link, whose "supplier" is the device.
    void add_suppliers(const std::string& device) {
        for (const std::string& link : names_in(device)) {
            if (link.starts_with("supplier:")) add(real_path(device + "/" + link + "/supplier"));
        }
    }

    const std::string devices_;
    std::set<std::string> visited_;
};

}  // namespace

std::string phy_alias(std::string_view phy_id) {
    if (!phy_id.starts_with("0x")) return {};
    const auto number = parse_number<uint32_t>(phy_id.substr(2), 16);
    if (!number) return {};
    std::string alias = "mdio:";
    for (int bit = 31; bit >= 0; --bit)
        alias += ((*number >> bit) & 1) != 0 ? '1' : '0';
    return alias;
}

std::vector<std::string> network_device_aliases(const std::string& interface,
                                                const std::string& sysfs) {
    const std::string net = sysfs + "/class/net/" + interface;
    Collector collector(real_path(sysfs + "/devices"));
    collector.add(real_path(net + "/device"));
    collector.add(real_path(net + "/phydev"));
    if (const auto id = read_file(net + "/phydev/phy_id", 64)) {
        collector.add_alias_text(phy_alias(trim(*id)));
    }
    return std::move(collector.aliases);
}

}  // namespace bootwire::board
