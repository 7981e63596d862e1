#include "wifi/orders.h"

#include <algorithm>

#include "base/secret.h"

namespace bootwire::wifi {

namespace {

/// Looks about for a stronger access point of the network: each 30 s while the signal is below
/// -72 dBm, else each 10 minutes. The driver does not roam by itself (roamoff=1).
constexpr std::string_view roaming = "\"simple:30:-72:600\"";

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<uint8_t>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

class NetworkOrders {
  public:
    explicit NetworkOrders(unsigned number)
        : start_("SET_NETWORK " + std::to_string(number) + ' ') {}

    void set(std::string_view name, std::string_view value) {
        const std::string text = start_ + std::string(name) + ' ' + std::string(value);
        orders_.push_back({plan::Secret(text), text});
    }
    void set_secret(std::string_view name, std::string value) {
        std::string text;
        text.reserve(start_.size() + name.size() + 1 + value.size());
        text.append(start_).append(name).append(" ").append(value);
        orders_.push_back({plan::Secret(text), start_ + std::string(name) + " *"});
        wipe(text);
        wipe(value);
    }
    std::vector<Order> take() { return std::move(orders_); }

  private:
    std::string start_;
    std::vector<Order> orders_;
};

std::string key_management(const Network& network, bool sae) {
    if (network.access.open) return "NONE";
    std::string text = sae ? "SAE" : "";
    if (network.access.psk) text += text.empty() ? "WPA-PSK" : " WPA-PSK";
    if (network.access.psk && network.psk_sha256) text += " WPA-PSK-SHA256";
    return text;
}

void give_keys(const Network& network, bool sae, NetworkOrders& orders) {
    if (!network.psk.empty()) {
        orders.set_secret("psk", std::string(network.psk.reveal()));
    } else if (!network.passphrase.empty()) {
        orders.set_secret("psk", '"' + std::string(network.passphrase.reveal()) + '"');
    }
    if (sae && !network.sae_password.empty()) {
        orders.set_secret("sae_password", hexadecimal(network.sae_password.reveal()));
    }
}

/// WPA3 does not go without protected frames (IEEE 802.11-2020 section 12.6.3), WPA2 with them
/// where both sides have them.
FrameProtection protection(const Network& network, bool sae) {
    if (sae && !network.access.psk) return FrameProtection::required;
    const auto least = sae ? FrameProtection::optional : FrameProtection::off;
    return std::max(network.frame_protection.value_or(least), least);
}

}  // namespace

std::vector<Order> first_orders(std::string_view country) {
    std::vector<Order> orders;
    const auto add = [&](const std::string& text) { orders.push_back({plan::Secret(text), text}); };
    if (!country.empty()) add("SET country " + std::string(country));
    // Both ways to make an element of a password, as the access point has it. The firmware
    // announces the newer one, and an access point that hears of it refuses the older one.
    add("SET sae_pwe 2");
    // The one group that every access point has (IEEE 802.11-2020 section 12.4.4.1): with several,
    // somebody between the two could bring them down to the weakest (w1.fi, advisory 2024-2).
    add("SET sae_groups 19");
    return orders;
}

std::vector<Order> network_orders(const Network& network, unsigned number, const Chip& chip) {
    if (!network.usable_with(chip)) return {};
    const bool sae = network.access.sae && chip.sae && !network.access.open;
    NetworkOrders orders(number);
    orders.set("ssid", hexadecimal(network.ssid));
    if (network.hidden) orders.set("scan_ssid", "1");
    orders.set("key_mgmt", key_management(network, sae));
    if (!network.access.open) {
        orders.set("ieee80211w", std::to_string(static_cast<int>(protection(network, sae))));
        give_keys(network, sae, orders);
    }
    if (network.priority != 0) orders.set("priority", std::to_string(network.priority));
    if (std::ranges::find(network.more, "bgscan", &Network::Setting::name) == network.more.end()) {
        orders.set("bgscan", roaming);
    }
    for (const Network::Setting& setting : network.more)
        orders.set(setting.name, setting.value);
    return orders.take();
}

}  // namespace bootwire::wifi
