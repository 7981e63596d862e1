// A configuration of the bootloader, whatever somebody's editor has made of it: a setting is what
// it was set to, in every case; no line but those of its key changes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "eeprom/boot_order.h"
#include "eeprom/config.h"
#include "eeprom/update.h"

namespace {

using namespace bootwire;
using namespace bootwire::eeprom;

void expect(bool holds) {
    if (!holds) std::abort();
}

std::string without(std::string_view text, std::string_view key) {
    std::string rest;
    bool of_config_txt = false;
    for (const std::string_view line : split(text, '\n')) {
        of_config_txt = of_config_txt || lower(trim(line)).starts_with("[config.txt]");
        const size_t equals = line.find('=');
        const bool is_of_key = equals != line.npos && trim(line.substr(0, equals)) == key;
        if (of_config_txt || !is_of_key) rest += std::string(trim(line)) + "\n";
    }
    while (rest.ends_with('\n'))
        rest.pop_back();
    return rest;
}

void check(std::string_view text, const Board& board) {
    constexpr std::string_view key = "A";
    const auto changed = set(text, key, "set", board);
    if (!changed) {
        expect(text.find('\0') != text.npos || text.size() > largest_text);
        return;
    }
    const auto value = value_of(*changed, key, board);
    expect(value && value->certain && value->text == "set");
    expect(set(*changed, key, "set", board).value_or("") == *changed);
    if (!text.starts_with("\xef\xbb\xbf")) expect(without(*changed, key) == without(text, key));
    const auto networked = add_network(text, board);
    if (!networked) return;
    expect(add_network(*networked, board).value_or("none") == *networked);
    const auto order = value_of(*networked, boot_order_key, board);
    expect(order.has_value());
    if (order->certain) expect(has_network(parse_boot_order(order->text).value_or(0)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text, {Chip::bcm2711, {}, {}});
    check(text, {Chip::bcm2712, {}, {}});
    check(text, {Chip::bcm2711, 0xc03114, "10000000abcdef01"});
    (void)parse_signature(text);
    (void)parse_order_wish(text);
    return 0;
}
