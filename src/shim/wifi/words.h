// The words wifi.…= and net.prefer=, of the command line, bootwire.txt, the help disk and the
// console. The table is what src/shim/plan/keys.cpp will have when there is an image that listens
// to them; until then they are no settings, and docs/settings.md does not know them.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "plan/command_line.h"
#include "plan/settings.h"
#include "plan/source.h"
#include "wifi/network.h"

namespace bootwire::wifi {

enum class Word : uint8_t { ssid, psk, hidden, sae, country, timeout, powersave, prefer };

struct WordInfo {
    Word word;
    std::string_view name;      ///< as it is typed, before the '='
    std::string_view meaning;   ///< for a person, without a full stop
    std::string_view form;      ///< completes "expected …"
    std::string_view example;   ///< a value of that form; empty for a secret
    std::string_view fallback;  ///< what holds when nobody says it
};
/// In the order of the enumeration.
std::span<const WordInfo> words();

/// What one source says.
struct Said {
    const plan::CommandLine& words;
    plan::Source source;
};

/// What the words ask for. Holds secrets.
struct Wishes {
    plan::Field<std::optional<Network>> network;  ///< nothing: no usable wifi.ssid=
    plan::Field<std::string> country;             ///< as parse_country() gives it; empty: not said
    plan::Field<std::chrono::seconds> patience{std::chrono::seconds(30), {}};  ///< 5 to 3600
    plan::Field<bool> power_saving;
    plan::Field<bool> prefer_wifi;  ///< though a wired interface may have an answer, too
};

/// sources: the strongest first. Each word is looked up by itself; what is malformed is a warning,
/// and the next source counts. A network without wifi.psk= is an open one; one whose key is not
/// usable is none.
Wishes read_words(std::span<const Said> sources, plan::Report& report);

}  // namespace bootwire::wifi
