// Which of the sources that name networks counts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wifi/network.h"
#include "wifi/words.h"

namespace bootwire::wifi {

/// The files of the name wpa_supplicant.conf, as far as they are there.
struct Confs {
    std::optional<std::string_view> help_disk{};
    std::optional<std::string_view> card{};
    std::optional<std::string_view> built_in{};
};

/// Holds secrets.
struct Choice {
    std::vector<Network> networks;  ///< of one source; empty: nobody names one that can be joined
    std::string source;             ///< which, as a person reads it
    std::string country;            ///< empty: what is allowed everywhere
};

/// The first of these that names a network which can be joined: what was typed at the console, the
/// help disk's conf, its bootwire.txt, the card's conf, the other words, the conf that is built in.
/// The country is that of the words, else that of the conf which counts. Warnings say what of the
/// confs is not used, up to the one that counts.
Choice choose(const Wishes& wishes, const Confs& confs, plan::Report& report);

}  // namespace bootwire::wifi
