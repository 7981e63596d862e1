// What wpa_supplicant says on its control socket without being asked, of 2.10: wpa_ctrl.h, and
// where its sources write those lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.h"

namespace bootwire::wifi {

/// The network with that number has let us in: frames may be sent.
struct Connected {
    MacAddress access_point;
    unsigned network = 0;
};
struct Disconnected {
    MacAddress access_point;  ///< all zero: none had been reached
    uint16_t reason = 0;      ///< IEEE 802.11-2020 table 9-49
    bool by_us = false;
};
/// wpa_supplicant leaves the network alone for a while.
struct GivenUp {
    enum class Why : uint8_t {
        wrong_key,  ///< the 4-way handshake ended as it does with another passphrase
        no_key,     ///< there is none that fits
        no_answer,  ///< repeated attempts came to nothing
        other,
    };
    unsigned network = 0;
    std::string ssid;
    Why why = Why::other;
};
/// The access point refuses the association, or does not answer.
struct AssociationRefused {
    std::optional<MacAddress> access_point;
    uint16_t status = 0;  ///< IEEE 802.11-2020 table 9-50
    bool timed_out = false;
};
/// The step before that.
struct AuthenticationRefused {
    static constexpr uint16_t sae = 3;
    MacAddress access_point;
    uint16_t algorithm = 0;    ///< section 9.4.1.1: 0 is open, 3 is SAE
    uint16_t transaction = 0;  ///< of SAE 1 is the commit, 2 the confirm
    uint16_t status = 0;
};
/// What was found can be asked for.
struct Scanned {};
struct ScanFailed {};
/// What was found has none of the networks.
struct NoneFound {};
struct ChannelChanged {
    unsigned frequency = 0;  ///< MHz
};
/// It ends.
struct Ending {};

using Event =
    std::variant<Connected, Disconnected, GivenUp, AssociationRefused, AuthenticationRefused,
                 Scanned, ScanFailed, NoneFound, ChannelChanged, Ending>;

/// A datagram of the control socket, with or without its "<3>". Nothing: it is an answer, or an
/// event that is of no concern here.
std::optional<Event> parse_event(std::string_view datagram);

}  // namespace bootwire::wifi
