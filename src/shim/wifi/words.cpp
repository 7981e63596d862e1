#include "wifi/words.h"

#include <array>

#include "base/text.h"
#include "plan/values.h"

namespace bootwire::wifi {

namespace {

using std::chrono::seconds;

constexpr std::array table{
    WordInfo{Word::ssid, "wifi.ssid", "the name of the Wi-Fi network",
             "1 to 32 bytes, in quotes if there are blanks or letters such as à in it",
             "\"My Net\"", "none"},
    WordInfo{Word::psk, "wifi.psk", "its password", "8 to 63 characters, or 64 hexadecimal digits",
             "", "none: the network is open"},
    WordInfo{Word::hidden, "wifi.hidden", "1 if the network does not tell its name", "0 or 1", "1",
             "0"},
    WordInfo{Word::sae, "wifi.sae", "1 joins by WPA3 only, 0 never", "0 or 1", "1",
             "WPA3 where access point and chip have it, else WPA2"},
    WordInfo{Word::country, "wifi.country", "whose rules hold for the radio", "two letters, or 00",
             "GB", "country= of wpa_supplicant.conf, else what is allowed everywhere"},
    WordInfo{Word::timeout, "wifi.timeout",
             "how long it is tried until it is said what does not work, and begun anew",
             "a number of seconds from 5 to 3600", "60", "30"},
    WordInfo{Word::powersave, "wifi.powersave", "1 lets the chip save power, which costs time",
             "0 or 1", "1", "0"},
    WordInfo{Word::prefer, "net.prefer", "which network counts where both answer",
             "ethernet or wifi", "wifi", "ethernet"},
};

constexpr bool table_is_in_order() {
    for (size_t i = 0; i < table.size(); ++i) {
        if (static_cast<size_t>(table[i].word) != i) return false;
    }
    return table.size() == static_cast<size_t>(Word::prefer) + 1;
}
static_assert(table_is_in_order());

std::optional<std::string> parse_ssid(std::string_view text) {
    if (text.empty() || text.size() > max_ssid) return std::nullopt;
    return std::string(text);
}

std::optional<Network> parse_key(std::string_view text) {
    Network network;
    if (!set_key(network, text)) return std::nullopt;
    return network;
}

std::optional<seconds> parse_patience(std::string_view text) {
    const auto patience = plan::parse_patience(text);
    return patience && *patience >= seconds(5) ? patience : std::nullopt;
}

std::optional<bool> parse_preference(std::string_view text) {
    if (text == "wifi") return true;
    if (text == "ethernet") return false;
    return std::nullopt;
}

class WordReader {
  public:
    WordReader(std::span<const Said> sources, plan::Report& report)
        : sources_(sources), report_(report) {}

    /// The strongest value that parse() understands, put into the field; whether there is one.
    template <class T, class Parse>
    bool read(Word word, plan::Field<T>& field, Parse parse) {
        const std::string_view name = table[static_cast<size_t>(word)].name;
        for (const Said& said : sources_) {
            if (!said.words.has(name)) continue;
            const std::string_view text = said.words.value(name).value_or("");
            if (auto value = parse(text)) {
                field = {std::move(*value), said.source};
                return true;
            }
            warn(word, text, said.source);
        }
        return false;
    }

    bool is_said(Word word) const {
        for (const Said& said : sources_) {
            if (said.words.has(table[static_cast<size_t>(word)].name)) return true;
        }
        return false;
    }

  private:
    void warn(Word word, std::string_view text, const plan::Source& source) {
        const WordInfo& info = table[static_cast<size_t>(word)];
        std::string value = "the value (not shown)";
        if (!plan::is_secret_parameter(info.name)) value = '"' + printable(text, 80) + '"';
        report_.warnings.push_back(std::string(info.name) + ": " + value + " from " +
                                   source.to_string() + " is not usable; expected " +
                                   std::string(info.form));
    }

    std::span<const Said> sources_;
    plan::Report& report_;
};

void read_network(WordReader& reader, Wishes& wishes, plan::Report& report) {
    plan::Field<std::string> ssid;
    if (!reader.read(Word::ssid, ssid, parse_ssid)) return;
    plan::Field<Network> keyed;
    const bool has_key = reader.read(Word::psk, keyed, parse_key);
    if (!has_key && reader.is_said(Word::psk)) return;  // never the open one of that name instead
    Network& network = keyed.value;
    network.ssid = ssid.value;
    plan::Field<bool> hidden, sae;
    reader.read(Word::hidden, hidden, plan::parse_flag);
    network.hidden = hidden.value;
    const bool asked_for_sae = reader.read(Word::sae, sae, plan::parse_flag);
    network.access = {
        .open = !has_key,
        .psk = has_key && !(asked_for_sae && sae.value),
        .sae = has_key && !network.passphrase.empty() && (!asked_for_sae || sae.value)};
    if (!network.access.open && !network.access.psk && !network.access.sae) {
        report.warnings.emplace_back(
            "wifi.sae=1 needs the password itself: 64 hexadecimal digits are the key of WPA2");
        return;
    }
    wishes.network = {std::move(network), ssid.source};
}

}  // namespace

std::span<const WordInfo> words() {
    return table;
}

Wishes read_words(std::span<const Said> sources, plan::Report& report) {
    Wishes wishes;
    WordReader reader(sources, report);
    read_network(reader, wishes, report);
    reader.read(Word::country, wishes.country, parse_country);
    reader.read(Word::timeout, wishes.patience, parse_patience);
    reader.read(Word::powersave, wishes.power_saving, plan::parse_flag);
    reader.read(Word::prefer, wishes.prefer_wifi, parse_preference);
    return wishes;
}

}  // namespace bootwire::wifi
