// wpa_supplicant.conf, read as people write it. wpa_supplicant itself refuses a whole file for one
// word that it does not know; it never sees this one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wifi/network.h"

namespace bootwire::wifi {

/// What the file says. Holds secrets.
struct Conf {
    std::vector<Network> networks;   ///< those that can be joined, in their order
    std::string country;             ///< as parse_country() gives it; empty: not said
    std::vector<std::string> notes;  ///< for a person, "line 7: …"; none holds a secret
};

inline constexpr size_t max_networks = 64;

/// Never fails: what cannot be used is a note, and left out.
Conf read_conf(std::string_view file);

}  // namespace bootwire::wifi
