// One network={ … } of wpa_supplicant.conf.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/secret.h"
#include "wifi/network.h"

namespace bootwire::wifi {

/// A line of it. Whose value is a secret is known only when its name is, so each is treated as one.
struct ConfSetting {
    std::string name;
    plan::Secret value;
    unsigned line = 0;
};

struct ConfNetwork {
    unsigned line = 0;  ///< where it begins
    std::vector<ConfSetting> settings{};
};

/// The network that the settings make; of several with one name the last counts. Nothing, and a
/// note why, if it cannot be joined; a note, too, for what is left out of one that can. A value is
/// taken without its quotes where that is unmistakable: `ssid=My Net`. Of `psk=`, a "64 digits" is
/// the key itself.
std::optional<Network> make_network(const ConfNetwork& said, std::vector<std::string>& notes);

/// ieee80211w= and pmf=: "0", "1" or "2".
std::optional<FrameProtection> parse_frame_protection(std::string_view text);

/// Is it the name of a setting that only a network has, and that cannot be done without?
bool is_name_of_network(std::string_view name);

}  // namespace bootwire::wifi
