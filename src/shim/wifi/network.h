// What is known about a network before it is joined.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "plan/secret.h"

namespace bootwire::wifi {

/// IEEE 802.11-2020 section 9.4.2.2.
inline constexpr size_t max_ssid = 32;

/// By which means an access point lets somebody in, or a network is to be joined.
struct Access {
    bool open = false;
    bool wep = false;  ///< seen, never joined
    bool psk = false;  ///< WPA and WPA2 with a passphrase
    bool sae = false;  ///< WPA3 with a password
    bool eap = false;  ///< user names or certificates: seen, never joined

    bool operator==(const Access&) const = default;
};

/// Protected management frames (ieee80211w=).
enum class FrameProtection : uint8_t { off, optional, required };

/// What the chip and its firmware can do.
struct Chip {
    bool sae = false;  ///< WPA3
};

/// A network as somebody asked for it. Holds secrets.
struct Network {
    /// A setting that wpa_supplicant gets as it stands. None is a secret.
    struct Setting {
        std::string name;
        std::string value;
        bool operator==(const Setting&) const = default;
    };

    std::string ssid;  ///< 1 to max_ssid bytes of any kind
    Access access;     ///< of open, psk and sae those that may be used
    bool psk_sha256 = false;
    plan::Secret passphrase;    ///< 8 to 63 bytes, for WPA2 and, without another one, WPA3
    plan::Secret psk;           ///< 64 hexadecimal digits, in place of a passphrase for WPA2
    plan::Secret sae_password;  ///< of any length, for WPA3
    bool hidden = false;        ///< does not tell its name: it is asked for by it
    int priority = 0;           ///< of those in range the highest is joined
    std::optional<FrameProtection> frame_protection;
    std::vector<Setting> more;
    unsigned line = 0;  ///< of the file that it stands in, from 1; 0: of none

    /// Is there a way in that the chip has, too?
    bool usable_with(const Chip& chip) const {
        return access.open || access.psk || (access.sae && chip.sae);
    }
};

/// The name in quotes, as it may be shown to a person.
std::string shown(std::string_view ssid);

/// A network's key as somebody typed it: 64 hexadecimal digits, or a passphrase of 8 to 63 bytes
/// (IEEE 802.11-2020 section J.4.1) without control characters. False: it is neither, and the
/// network is as it was.
bool set_key(Network& network, std::string_view text);

/// Two letters of ISO 3166, in any case, or "00" for the world; as wpa_supplicant wants them.
std::optional<std::string> parse_country(std::string_view text);

/// Is it one of the addresses that stand in the chips' settings files (NVRAM), the same on every
/// Pi? A chip that has it was not given its own.
bool is_from_settings_file(const MacAddress& address);

}  // namespace bootwire::wifi
