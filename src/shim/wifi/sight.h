// What the radio has found, and what it is joined to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "wifi/network.h"

namespace bootwire::wifi {

struct AccessPoint {
    MacAddress address;
    unsigned frequency = 0;  ///< MHz
    int level = 0;           ///< dBm: -30 is beside it, -90 is lost
    Access access;
    std::string ssid;  ///< empty: it does not tell
};

/// One answer to look(); there may be more, since an answer is 4096 bytes at most.
struct Sight {
    std::vector<AccessPoint> access_points;
    std::optional<unsigned> next;  ///< what to look for from; nothing: this was the last
};

/// The command that lists what was found, from that number on.
std::string look(unsigned from = 0);
/// Its answer. Entries that are not understood are left out.
Sight parse_sight(std::string_view answer);

/// The channel of the frequency, 0 if there is none (IEEE 802.11-2020 annex E).
unsigned channel(unsigned frequency);
/// "-52 dBm, good".
std::string strength(int level);

/// What we are joined to.
struct Link {
    std::string ssid;
    MacAddress access_point;
    unsigned frequency = 0;
    std::optional<int> level{};  ///< dBm
    bool wpa3 = false;
    bool open = false;

    /// ""Home" on channel 36, -52 dBm, good, by WPA3".
    std::string to_string() const;
};
/// The answers to STATUS and SIGNAL_POLL, the latter empty if there was none. Nothing: we are
/// joined to no network.
std::optional<Link> parse_link(std::string_view status, std::string_view signal);

}  // namespace bootwire::wifi
