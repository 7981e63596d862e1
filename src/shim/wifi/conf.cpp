#include "wifi/conf.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "wifi/conf_lines.h"
#include "wifi/conf_network.h"

namespace bootwire::wifi {

namespace {

/// What the file's head says to a wpa_supplicant that runs for itself, and is of no concern to one
/// that init drives.
constexpr std::array head_of_no_concern = {
    "ctrl_interface",     "ctrl_interface_group", "update_config",  "ap_scan",
    "fast_reauth",        "eapol_version",        "p2p_disabled",   "device_name",
    "manufacturer",       "model_name",           "model_number",   "serial_number",
    "device_type",        "os_version",           "config_methods", "uuid",
    "autoscan",           "filter_ssids",         "sae_pwe",        "driver_param",
    "p2p_no_group_iface",
};

class ConfReader {
  public:
    Conf read(std::string_view file) {
        for (const ConfLine& line : conf_lines(file))
            take(line);
        if (block_ == Block::network) {
            note(network_.line, "the network has no \"}\" at its end; it is taken as it is");
            close_network();
        }
        for (Network& network : conf_.networks) {
            if (!network.frame_protection) network.frame_protection = frame_protection_;
        }
        if (file.size() > max_conf) {
            conf_.notes.push_back("the file is longer than " + std::to_string(max_conf) +
                                  " bytes; the rest is not looked at");
        }
        return std::move(conf_);
    }

  private:
    enum class Block : uint8_t {
        none,
        network,
        of_others,  ///< credentials for hotspots, certificates
    };

    void note(unsigned line, std::string_view text) {
        conf_.notes.push_back("line " + std::to_string(line) + ": " + std::string(text));
    }

    void take(const ConfLine& line) {
        const std::string_view text = line.text;
        if (text == "}") {
            if (block_ == Block::none) note(line.number, "there is nothing that \"}\" could end");
            if (block_ == Block::network) close_network();
            block_ = Block::none;
        } else if (const size_t brace = text.find('{');
                   brace != text.npos && opens(line, trim(text.substr(0, brace)))) {
            if (!trim(text.substr(brace + 1)).empty()) {
                note(line.number,
                     "what stands behind \"{\" is not read: each setting needs a line "
                     "of its own");
            }
        } else if (block_ != Block::of_others) {
            take_setting(line);
        }
    }

    /// "network={", also with blanks around the '='.
    bool opens(const ConfLine& line, std::string_view before) {
        if (!before.ends_with('=')) return false;
        const std::string_view name = trim(before.substr(0, before.size() - 1));
        const bool of_others = name == "cred" || name.starts_with("blob-base64-");
        if (name != "network" && !of_others) return false;
        if (block_ == Block::network) {
            note(network_.line, "the network has no \"}\" at its end; it is taken as it is");
            close_network();
        }
        block_ = of_others ? Block::of_others : Block::network;
        network_ = ConfNetwork{line.number, {}};
        if (of_others) note(line.number, printable(name, 40) + "={ is not used");
        return true;
    }

    void close_network() {
        if (conf_.networks.size() == max_networks) {
            note(network_.line,
                 "this is more than " + std::to_string(max_networks) + " networks: it is left out");
            return;
        }
        if (auto network = make_network(network_, conf_.notes)) {
            conf_.networks.push_back(std::move(*network));
        }
    }

    void take_setting(const ConfLine& line) {
        const size_t equals = line.text.find('=');
        if (equals == line.text.npos) {
            // Whatever it is, it may be a password: it is not shown.
            note(line.number, "there is no '=' in it; it is left out");
            return;
        }
        const std::string_view text = line.text;
        ConfSetting setting{std::string(trim(text.substr(0, equals))),
                            plan::Secret(trim(text.substr(equals + 1))), line.number};
        if (block_ == Block::network) {
            network_.settings.push_back(std::move(setting));
        } else {
            take_head(setting);
        }
    }

    void take_head(const ConfSetting& setting) {
        std::string_view value = setting.value.reveal();
        if (setting.name == "country") {
            if (value.size() > 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            if (const auto country = parse_country(value)) {
                conf_.country = *country;
            } else {
                note(setting.line, "country= is not usable; expected two letters, as GB");
            }
        } else if (setting.name == "pmf") {
            frame_protection_ = parse_frame_protection(value);
            if (!frame_protection_) note(setting.line, "pmf= is not usable; expected 0, 1 or 2");
        } else if (is_name_of_network(setting.name)) {
            note(setting.line, setting.name + "= stands outside of network={ … }; it is left out");
        } else if (std::ranges::find(head_of_no_concern, setting.name) ==
                   head_of_no_concern.end()) {
            note(setting.line, '"' + printable(setting.name, 40) + "\" is not used");
        }
    }

    Conf conf_;
    Block block_ = Block::none;
    ConfNetwork network_;
    std::optional<FrameProtection> frame_protection_;  ///< of those that say nothing
};

}  // namespace

Conf read_conf(std::string_view file) {
    return ConfReader().read(file);
}

}  // namespace bootwire::wifi
