#include "wifi/conf_network.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/text.h"
#include "wifi/escapes.h"

namespace bootwire::wifi {

namespace {

/// Given to wpa_supplicant as they stand.
constexpr std::array passed_on = {
    "bssid",
    "bssid_accept",
    "bssid_ignore",
    "bssid_whitelist",
    "bssid_blacklist",
    "proto",
    "pairwise",
    "group",
    "group_mgmt",
    "auth_alg",
    "scan_freq",
    "freq_list",
    "proactive_key_caching",
    "wpa_deny_ptk0_rekey",
    "wpa_ptk_rekey",
    "bgscan",
    "beacon_prot",
};
/// Said by many, and without a consequence here.
constexpr std::array of_no_concern = {"id_str", "mem_only_psk", "peerkey", "eapol_flags"};
/// Those that are looked at one by one.
constexpr std::array looked_at = {
    "ssid",       "scan_ssid", "psk",      "key_mgmt", "priority", "sae_password", "disabled",
    "ieee80211w", "mode",      "wep_key0", "wep_key1", "wep_key2", "wep_key3",     "wep_tx_keyidx",
};
/// Of networks that ask for a user's name. Whoever has these has key_mgmt=WPA-EAP, too.
constexpr std::array of_enterprises = {
    "eap",
    "identity",
    "anonymous_identity",
    "password",
    "ca_cert",
    "ca_path",
    "phase1",
    "phase2",
    "client_cert",
    "private_key",
    "private_key_passwd",
    "domain_suffix_match",
    "subject_match",
    "altsubject_match",
};

bool is_in(const auto& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

constexpr std::string_view curly_open = "\xe2\x80\x9c";
constexpr std::string_view curly_close = "\xe2\x80\x9d";

/// A value of text, and whether it was written as it should be.
struct Text {
    std::string bytes;
    bool in_order = true;
};

/// "text", P"text\n", 68657861, or what is meant by text without quotes or with a typesetter's. The
/// rules of wpa_config_parse_string(), which knows the first three. Nothing: a quote is missing.
std::optional<Text> parse_text(std::string_view value, bool hexadecimal) {
    const bool escaped = value.starts_with("P\"");
    if (escaped) value.remove_prefix(1);
    if (value.starts_with('"')) {
        if (value.size() < 2 || !value.ends_with('"')) return std::nullopt;
        value = value.substr(1, value.size() - 2);
        return Text{escaped ? without_escapes(value) : std::string(value)};
    }
    if (value.starts_with(curly_open) && value.size() >= 6 &&
        (value.ends_with(curly_close) || value.ends_with(curly_open))) {
        return Text{std::string(value.substr(3, value.size() - 6)), false};
    }
    if (value.ends_with('"')) return std::nullopt;
    if (!hexadecimal || value.empty() || value.size() % 2 != 0 ||
        !std::ranges::all_of(value, is_hex_digit)) {
        return Text{std::string(value), false};
    }
    std::string bytes;
    for (size_t i = 0; i < value.size(); i += 2)
        bytes += static_cast<char>(*parse_number<uint8_t>(value.substr(i, 2), 16));
    return Text{std::move(bytes)};
}

class NetworkMaker {
  public:
    NetworkMaker(const ConfNetwork& said, std::vector<std::string>& notes)
        : said_(said), notes_(notes) {
        network_.line = said.line;
    }

    std::optional<Network> make() {
        for (const ConfSetting& setting : said_.settings)
            look_at(setting);
        if (!take_ssid()) return std::nullopt;
        if (is_set("disabled")) return left_out("it is disabled");
        if (is_set("mode")) {
            return left_out("mode= asks for something else than joining an access point");
        }
        if (!take_access() || !take_keys()) return std::nullopt;
        take_rest();
        return std::move(network_);
    }

  private:
    const ConfSetting* find(std::string_view name) const {
        const auto found = std::ranges::find(said_.settings.rbegin(), said_.settings.rend(), name,
                                             &ConfSetting::name);
        return found == said_.settings.rend() ? nullptr : &*found;
    }
    std::string_view value(std::string_view name) const {
        const ConfSetting* const setting = find(name);
        return setting == nullptr ? std::string_view{} : setting->value.reveal();
    }

    bool is_set(std::string_view name) const { return !value(name).empty() && value(name) != "0"; }

    void note(unsigned line, const std::string& text) {
        notes_.push_back("line " + std::to_string(line) + ": " + text);
    }
    std::nullopt_t left_out(const std::string& why) {
        note(said_.line, "the network " +
                             (network_.ssid.empty() ? "" : shown(network_.ssid) + " ") +
                             "is left out: " + why);
        return std::nullopt;
    }

    void look_at(const ConfSetting& setting) {
        const std::string_view name = setting.name;
        if (is_in(looked_at, name) || is_in(of_no_concern, name) || is_in(of_enterprises, name)) {
            return;
        }
        if (!is_in(passed_on, name)) {
            note(setting.line, '"' + printable(name, 40) + "\" is not used");
            return;
        }
        const std::string_view text = setting.value.reveal();
        if (!std::ranges::all_of(text, is_graphic_or_blank)) {
            note(setting.line, std::string(name) + "= is not plain text; it is left out");
            return;
        }
        network_.more.push_back({std::string(name), std::string(text)});
    }

    bool take_ssid() {
        const ConfSetting* const setting = find("ssid");
        if (setting == nullptr) {
            left_out("it has no ssid=");
            return false;
        }
        const auto text = parse_text(setting->value.reveal(), true);
        if (!text) {
            note(setting->line, "ssid= has a quote at one end only");
            left_out("its name is not known");
            return false;
        }
        if (text->bytes.empty() || text->bytes.size() > max_ssid) {
            note(setting->line, "ssid= is not usable; expected 1 to 32 bytes");
            left_out("its name is not known");
            return false;
        }
        network_.ssid = text->bytes;
        if (!text->in_order) {
            note(setting->line, "ssid= has no quotes; it is taken as " + shown(network_.ssid));
        }
        return true;
    }

    /// key_mgmt=, of which a missing one is what wpa_supplicant takes: a passphrase.
    bool take_access() {
        const ConfSetting* const setting = find("key_mgmt");
        Access& access = network_.access;
        if (setting == nullptr) {
            const bool has_key = find("psk") != nullptr;
            access.psk = has_key;
            access.sae = has_key || find("sae_password") != nullptr;
            if (access.sae) return true;
            left_out(find("eap") != nullptr ? no_eap
                                            : "it has no psk=; an open one needs key_mgmt=NONE");
            return false;
        }
        for (const std::string_view word : split_words(setting->value.reveal()))
            take_key_management(word, *setting);
        if (access.psk || access.sae) access.open = false;
        if (access.open && find("wep_key0") != nullptr) {
            left_out("WEP has been broken since 2001, and bootwire does not have it");
            return false;
        }
        if (access.open || access.psk || access.sae) return true;
        left_out(access.eap ? no_eap : "key_mgmt= names nothing that bootwire has");
        return false;
    }

    void take_key_management(std::string_view word, const ConfSetting& setting) {
        Access& access = network_.access;
        if (word == "NONE") {
            access.open = true;
        } else if (word == "WPA-PSK" || word == "FT-PSK") {
            access.psk = true;
        } else if (word == "WPA-PSK-SHA256") {
            access.psk = network_.psk_sha256 = true;
        } else if (word == "SAE" || word == "FT-SAE") {
            access.sae = true;
        } else if (word.find("EAP") != word.npos || word == "IEEE8021X") {
            access.eap = true;
        } else {
            note(setting.line, "key_mgmt= has \"" + printable(word, 40) + "\", which is not used");
        }
    }

    bool take_keys() {
        if (const ConfSetting* const setting = find("sae_password")) {
            const auto text = parse_text(setting->value.reveal(), true);
            if (text && !text->bytes.empty() && !text->bytes.contains('\0')) {
                network_.sae_password = plan::Secret(text->bytes);
            } else {
                note(setting->line, "sae_password= is not usable; expected text in quotes");
            }
        }
        if (const ConfSetting* const setting = find("psk")) take_psk(*setting);
        Access& access = network_.access;
        access.psk = access.psk && !(network_.passphrase.empty() && network_.psk.empty());
        access.sae = access.sae && !(network_.passphrase.empty() && network_.sae_password.empty());
        if (access.open || access.psk || access.sae) return true;
        left_out("it has no usable psk= or sae_password=");
        return false;
    }

    void take_psk(const ConfSetting& setting) {
        const auto text = parse_text(setting.value.reveal(), false);
        if (!text || !set_key(network_, text->bytes)) {
            note(setting.line,
                 "psk= is not usable; expected 8 to 63 characters in quotes, or 64 hexadecimal "
                 "digits");
            return;
        }
        if (!text->in_order && network_.psk.empty()) {
            note(setting.line, "psk= has no quotes; it is taken as if it had");
        }
    }

    void take_rest() {
        network_.hidden = value("scan_ssid") == "1";
        if (const ConfSetting* const setting = find("priority")) {
            const std::string_view text = setting->value.reveal();
            const char* const end = text.data() + text.size();
            const auto [read, error] = std::from_chars(text.data(), end, network_.priority);
            if (error != std::errc{} || read != end) {
                network_.priority = 0;
                note(setting->line, "priority= is not usable; expected a number");
            }
        }
        if (const ConfSetting* const setting = find("ieee80211w")) {
            network_.frame_protection = parse_frame_protection(setting->value.reveal());
            if (!network_.frame_protection) {
                note(setting->line, "ieee80211w= is not usable; expected 0, 1 or 2");
            }
        }
    }

    static constexpr const char* no_eap =
        "it asks for user names or certificates (EAP), which bootwire does not have";

    const ConfNetwork& said_;
    std::vector<std::string>& notes_;
    Network network_{};
};

}  // namespace

std::optional<Network> make_network(const ConfNetwork& said, std::vector<std::string>& notes) {
    return NetworkMaker(said, notes).make();
}

std::optional<FrameProtection> parse_frame_protection(std::string_view text) {
    if (text == "0") return FrameProtection::off;
    if (text == "1") return FrameProtection::optional;
    if (text == "2") return FrameProtection::required;
    return std::nullopt;
}

bool is_name_of_network(std::string_view name) {
    return name == "ssid" || name == "psk" || name == "key_mgmt" || name == "scan_ssid" ||
           name == "sae_password";
}

}  // namespace bootwire::wifi
