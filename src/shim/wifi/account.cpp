#include "wifi/account.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "base/overloaded.h"
#include "base/text.h"

namespace bootwire::wifi {

namespace {

constexpr size_t most_shown = 5;
/// Below this an answer gets lost now and then.
constexpr int weak = -80;  // dBm

struct Status {
    uint16_t number;
    std::string_view text;
    std::string_view hint;
};
constexpr std::string_view settings_hint =
    "compare the access point's security settings with what is asked for";
constexpr std::array statuses{
    Status{1, "it gives no reason", "its log may say more; does it let in only some addresses?"},
    Status{10, "it wants something that this Pi does not have", settings_hint},
    Status{12, "it does not say why", "its log may say more; does it let in only some addresses?"},
    Status{13, "it has another kind of login", settings_hint},
    Status{15, "it does not take the password", "the password is case sensitive"},
    Status{16, "the login took too long", "it may be out of range, or very busy"},
    Status{17, "it has no room for another device", "switch one off, or let it take more"},
    Status{18, "it wants rates that this Pi does not have", settings_hint},
    Status{30, "not now: it asks to come back later", {}},
    Status{31, "it and this Pi do not agree on protected frames",
           "set ieee80211w=1 for the network, or make them optional there"},
    Status{37, "it declines", "its log may say more; does it let in only some addresses?"},
    Status{40, "it takes something in the request as malformed", settings_hint},
    Status{41, "it wants another cipher for all", settings_hint},
    Status{42, "it wants another cipher", settings_hint},
    Status{43, "it wants another kind of key, as WPA3 in place of WPA2", settings_hint},
    Status{45, "it and this Pi do not agree on protected frames",
           "set ieee80211w=1 for the network, or make them optional there"},
    Status{46, "its rules forbid the cipher", settings_hint},
    Status{53, "it has forgotten our key", {}},
    Status{72, "it takes the description of the keys as malformed", settings_hint},
    Status{77, "it has none of our groups for WPA3", settings_hint},
    Status{82, "it wants this Pi to go to another access point", {}},
};

const Status* find_status(uint16_t number) {
    const auto found = std::ranges::find(statuses, number, &Status::number);
    return found == statuses.end() ? nullptr : &*found;
}

std::string kind_of(const Access& access) {
    if (access.open) return "is open";
    if (access.wep) return "has WEP, which is broken and which bootwire does not have";
    if (access.sae && !access.psk) return "lets in by WPA3 only";
    if (access.psk && !access.sae) return "lets in by WPA2 only";
    if (access.eap && !access.psk) {
        return "asks for user names or certificates, which bootwire does not have";
    }
    return "has another kind of security";
}

bool fits(const Network& network, const Access& access, const Chip& chip) {
    return (network.access.open && access.open) || (network.access.psk && access.psk) ||
           (network.access.sae && access.sae && chip.sae);
}

/// Letters and digits alone, in lower case: what two names have in common that a person takes for
/// the same.
std::string essence(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (is_letter_or_digit(c) || static_cast<uint8_t>(c) >= 0x80) text += to_lower(c);
    }
    return text;
}

/// One of each name, the strongest first; without those that do not tell theirs.
std::vector<AccessPoint> by_strength(std::vector<AccessPoint> points) {
    const auto level_and_name = [](const AccessPoint& point) {
        return std::pair(-point.level, std::string_view(point.ssid));
    };
    std::ranges::sort(points, std::less{}, level_and_name);
    std::vector<AccessPoint> names;
    for (AccessPoint& point : points) {
        if (point.ssid.empty()) continue;
        if (std::ranges::find(names, point.ssid, &AccessPoint::ssid) != names.end()) continue;
        names.push_back(std::move(point));
    }
    return names;
}

std::string list(std::span<const AccessPoint> points) {
    std::string text;
    for (const AccessPoint& point : points) {
        if (!text.empty()) text += ", ";
        text += shown(point.ssid) + " (" + std::to_string(point.level) + " dBm)";
    }
    return text;
}

Failure failure(Obstacle obstacle, std::string what, std::string hint) {
    const Remedy remedy =
        obstacle == Obstacle::nothing_named ? Remedy::operator_must_act : Remedy::waiting_helps;
    return {obstacle, Error{std::move(what), std::move(hint), remedy}};
}

}  // namespace

std::string status_text(uint16_t status) {
    const Status* const known = find_status(status);
    const std::string number = "status " + std::to_string(status);
    return known == nullptr ? number : std::string(known->text) + " (" + number + ")";
}

void Account::happened(const Event& event) {
    const auto refused = [&](const std::optional<MacAddress>& address, uint16_t status) {
        if (Trial* const trial = trial_at(address)) trial->status = status;
    };
    std::visit(Overloaded{
                   [&](const GivenUp& given_up) {
                       Trial& trial = trials_[given_up.ssid];
                       trial.wrong_key |= given_up.why == GivenUp::Why::wrong_key;
                       trial.no_answer |= given_up.why == GivenUp::Why::no_answer;
                   },
                   [&](const AssociationRefused& association) {
                       Trial* const trial = trial_at(association.access_point);
                       if (trial == nullptr) return;
                       if (association.timed_out || association.status == 0) {
                           trial->no_answer = true;
                       } else {
                           trial->status = association.status;
                       }
                   },
                   [&](const AuthenticationRefused& login) {
                       // Of SAE the second message proves the password (IEEE 802.11-2020 section
                       // 12.4.7.6): an access point that cannot check it says so there.
                       Trial* const trial = trial_at(login.access_point);
                       if (trial != nullptr && login.algorithm == AuthenticationRefused::sae &&
                           (login.transaction == 2 || login.status == 15)) {
                           trial->wrong_key = true;
                       } else {
                           refused(login.access_point, login.status);
                       }
                   },
                   [&](const Connected& connected) {
                       if (connected.network < networks_.size()) {
                           trials_.erase(networks_[connected.network].ssid);
                       }
                   },
                   [](const auto&) {},
               },
               event);
}

const AccessPoint* Account::strongest(std::string_view ssid) const {
    const AccessPoint* best = nullptr;
    for (const AccessPoint& point : in_sight_) {
        if (point.ssid == ssid && (best == nullptr || point.level > best->level)) best = &point;
    }
    return best;
}

/// Whose access point it is; of one that says no address, it is the only network's.
Account::Trial* Account::trial_at(const std::optional<MacAddress>& access_point) {
    if (access_point) {
        const auto found = std::ranges::find(in_sight_, *access_point, &AccessPoint::address);
        if (found != in_sight_.end() && !found->ssid.empty()) return &trials_[found->ssid];
    }
    return networks_.size() == 1 ? &trials_[networks_.front().ssid] : nullptr;
}

Failure Account::none_in_range() const {
    const Network& first = networks_.front();
    std::string what =
        networks_.size() == 1
            ? "no Wi-Fi network " + shown(first.ssid) + " is in range"
            : "none of the " + std::to_string(networks_.size()) + " Wi-Fi networks is in range";
    const std::vector<AccessPoint> others = by_strength(in_sight_);
    if (others.empty()) {
        return failure(Obstacle::none_in_range, std::move(what) + ", nor any other one",
                       "is the antenna free of metal, and the access point on?");
    }
    what += "; there are " + list(std::span(others).first(std::min(others.size(), most_shown)));
    for (const Network& network : networks_) {
        if (essence(network.ssid).empty()) continue;
        const auto near = std::ranges::find(others, essence(network.ssid),
                                            [](const AccessPoint& p) { return essence(p.ssid); });
        if (near != others.end()) {
            return failure(Obstacle::none_in_range, std::move(what),
                           "is " + shown(near->ssid) + " meant? Capitals and blanks count");
        }
    }
    return failure(Obstacle::none_in_range, std::move(what),
                   std::ranges::any_of(networks_, &Network::hidden)
                       ? "is the access point on, and the name right?"
                       : "is the access point on, and the name right? One that does not tell its "
                         "name needs wifi.hidden=1, or scan_ssid=1");
}

Failure Account::failure_of(const Network& network, const Trial& trial) const {
    const std::string name = "the Wi-Fi network " + shown(network.ssid);
    if (trial.wrong_key) {
        return failure(Obstacle::wrong_password, name + " does not take the password",
                       "it is case sensitive, and it may have been changed");
    }
    const AccessPoint* const point = strongest(network.ssid);
    if (trial.status) {
        const Status* const known = find_status(*trial.status);
        return failure(Obstacle::refused, name + " refuses this Pi: " + status_text(*trial.status),
                       std::string(known == nullptr ? settings_hint : known->hint));
    }
    if (point != nullptr && !fits(network, point->access, chip_)) {
        const bool only_by_wpa3 = point->access.sae && !point->access.psk;
        std::string hint = "change what is asked for, or the access point's security";
        if (only_by_wpa3 && !chip_.sae) {
            hint = "this Pi's chip has no WPA3: let the access point have WPA2, too";
        } else if (only_by_wpa3) {
            hint = "let it be joined by WPA3, too: key_mgmt=WPA-PSK SAE, and a password";
        } else if (point->access.open) {
            hint =
                "is it the right one? An open network is joined with key_mgmt=NONE, or without "
                "wifi.psk=";
        }
        return failure(Obstacle::does_not_fit, name + " " + kind_of(point->access),
                       std::move(hint));
    }
    if (point == nullptr && trial.no_answer) {
        return failure(Obstacle::no_answer, name + " was heard, and is out of range now",
                       "bring the two nearer to each other");
    }
    if (point == nullptr) return {};
    return failure(Obstacle::no_answer, name + " does not answer, at " + strength(point->level),
                   point->level < weak ? "bring the two nearer to each other"
                                       : "does the access point let in only some addresses?");
}

Failure Account::sum_up() const {
    if (networks_.empty()) {
        return failure(Obstacle::nothing_named, "no Wi-Fi network is named",
                       "put wpa_supplicant.conf on the card, or set wifi.ssid= and wifi.psk=");
    }
    Failure worst = none_in_range();
    for (const Network& network : networks_) {
        const auto trial = trials_.find(network.ssid);
        Failure one = failure_of(network, trial == trials_.end() ? Trial{} : trial->second);
        if (one.obstacle > worst.obstacle) worst = std::move(one);
    }
    return worst;
}

std::string Account::remark(const Link& link) const {
    const AccessPoint* const point = strongest(link.ssid);
    if (link.wpa3 || link.open || point == nullptr || !point->access.sae) return {};
    if (chip_.sae) return {};
    return shown(link.ssid) + " has WPA3, too, which this Pi's chip does not have";
}

}  // namespace bootwire::wifi
