// Why no network was joined, in a person's words.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "wifi/event.h"
#include "wifi/sight.h"

namespace bootwire::wifi {

/// What stands in the way. The later one says more: where several networks fail in different ways,
/// the last of these is told.
enum class Obstacle : uint8_t {
    nothing_named,  ///< no network to join
    none_in_range,  ///< none of the names is heard
    does_not_fit,   ///< it is heard, and lets in by other means than asked for
    no_answer,      ///< it is heard, and does not answer
    refused,        ///< it says no
    wrong_password,
};

struct Failure {
    Obstacle obstacle = Obstacle::nothing_named;
    Error error;
};

/// Takes in what happens while networks are tried, and sums it up.
class Account {
  public:
    /// networks: numbered as wpa_supplicant numbers them, from 0. Both live as long as this.
    Account(const std::vector<Network>& networks, const Chip& chip)
        : networks_(networks), chip_(chip) {}

    void happened(const Event& event);
    /// All that is in sight, in place of what was before.
    void seen(std::vector<AccessPoint> access_points) { in_sight_ = std::move(access_points); }

    /// Why none is joined. Waiting can help: a network may come back into range.
    Failure sum_up() const;

    /// "Joined by WPA2, since this Pi's chip has no WPA3": what a person should know of a network
    /// that was joined; empty if nothing.
    std::string remark(const Link& link) const;

  private:
    struct Trial {
        bool wrong_key = false;
        bool no_answer = false;
        std::optional<uint16_t> status;  ///< with which it was refused last
    };

    const AccessPoint* strongest(std::string_view ssid) const;
    Trial* trial_at(const std::optional<MacAddress>& access_point);
    Failure failure_of(const Network& network, const Trial& trial) const;
    Failure none_in_range() const;

    const std::vector<Network>& networks_;
    Chip chip_;
    std::vector<AccessPoint> in_sight_;
    std::map<std::string, Trial, std::less<>> trials_;  ///< by name
};

/// What an access point means by a status that is not 0, as the end of "the access point refuses:
/// …" (IEEE 802.11-2020 table 9-50).
std::string status_text(uint16_t status);

}  // namespace bootwire::wifi
