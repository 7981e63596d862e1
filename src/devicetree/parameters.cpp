#include "devicetree/parameters.h"

#include <algorithm>

#include "base/lower.h"
#include "base/text.h"

namespace bootwire::devicetree {

namespace {

constexpr char kOverrides[] = "/__overrides__";
constexpr size_t kLongestProperty = 4096;

std::optional<bool> parse_switch(std::string_view text) {
    const std::string word = lower(text);
    for (const std::string_view on : {"on", "y", "yes", "true", "1", ""})
        if (word == on) return true;
    for (const std::string_view off : {"off", "n", "no", "false", "0"})
        if (word == off) return false;
    return std::nullopt;
}

/// Decimal, 0x…, negative, or a switch as 1 and 0.
std::optional<uint64_t> parse_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    std::string_view digits = text.substr(negative ? 1 : 0);
    std::optional<uint64_t> number;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        number = parse_number<uint64_t>(digits.substr(2), 16);
    } else {
        number = parse_number<uint64_t>(digits);
    }
    if (number) return negative ? ~*number + 1 : *number;
    if (const auto on = parse_switch(text)) return *on ? 1 : 0;
    return std::nullopt;
}

std::string big_endian(uint64_t value, size_t bytes) {
    std::string text;
    for (size_t i = bytes; i-- > 0;)
        text += static_cast<char>(value >> 8 * i);
    return text;
}

/// One target of a declaration: "reg:0", "status", "spi-cpha?", "bus-width:0=4", "+0-1".
struct Target {
    std::string property;
    char kind = 0;  // ':' 32 bits, '.' 16, ';' 8, '#' 64, '?' there or not, '!' likewise, inverted
    size_t offset = 0;
    std::optional<std::string> literal;
};

Result<Target> parse_target(std::string_view text) {
    Target target;
    const size_t end = std::min(text.find_first_of(":.;#?!={"), text.size());
    target.property = text.substr(0, end);
    std::string_view rest = text.substr(end);
    const auto strange = [&] {
        return fail("it is declared in a way that is not understood: " + printable(text, 60));
    };
    if (target.property.empty()) return strange();
    if (!rest.empty() && rest.front() != '=' && rest.front() != '{') {
        target.kind = rest.front();
        rest.remove_prefix(1);
        if (target.kind != '?' && target.kind != '!') {
            const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
            const auto offset = parse_number<uint16_t>(rest.substr(0, digits));
            if (!offset || *offset > kLongestProperty) return strange();
            target.offset = *offset;
            rest.remove_prefix(digits);
        }
    }
    if (rest.empty()) return target;
    if (rest.front() != '=') return strange();  // look-up tables
    target.literal = std::string(rest.substr(1));
    return target;
}

Status set_integer(Tree& tree, const std::string& path, const Target& target,
                   std::string_view value) {
    const auto number = parse_integer(value);
    if (!number) return fail("\"" + printable(value, 40) + "\" is no number");
    const size_t width = target.kind == ':'   ? 4
                         : target.kind == '.' ? 2
                         : target.kind == ';' ? 1
                                              : 8;
    std::string whole = tree.property(path, target.property).value_or("");
    if (whole.size() < target.offset + width) whole.resize(target.offset + width);
    whole.replace(target.offset, width, big_endian(*number, width));
    return tree.set(path, target.property, whole);
}

Status set_text(Tree& tree, const std::string& path, const Target& target, std::string_view value) {
    std::string text(value);
    if (target.property == "status") {
        if (const auto on = parse_switch(value)) text = *on ? "okay" : "disabled";
    }
    return tree.set(path, target.property, text + '\0');
}

Status set_presence(Tree& tree, const std::string& path, const Target& target,
                    std::string_view value) {
    const auto on = parse_switch(value);
    if (!on) return fail("\"" + printable(value, 40) + "\" is neither on nor off");
    if (*on == (target.kind == '?')) return tree.set(path, target.property, "");
    tree.remove(path, target.property);
    return {};
}

/// "+0-1=2!3": fragments of an overlay that are switched on, off, with and against the value.
Status switch_fragments(Tree& tree, std::string_view text, std::string_view value) {
    const auto on = parse_switch(value);
    while (!text.empty()) {
        const char sign = text.front();
        text.remove_prefix(1);
        const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto number = parse_number<uint16_t>(text.substr(0, digits));
        text.remove_prefix(digits);
        const bool by_value = sign == '=' || sign == '!';
        if (!number || (by_value && !on) ||
            std::string_view("+-=!").find(sign) == std::string_view::npos) {
            return fail("it is declared in a way that is not understood");
        }
        const bool active = sign == '+' || (sign == '=' && *on) || (sign == '!' && !*on);
        const bool idle = !active;
        const std::string fragment = "/fragment@" + std::to_string(*number);
        // A fragment without __overlay__ does nothing; dormant ones have __dormant__ instead.
        const std::string from = fragment + (idle ? "/__overlay__" : "/__dormant__");
        const std::string to = idle ? "__dormant__" : "__overlay__";
        if (!tree.has(from)) continue;
        if (auto renamed = tree.rename(from, to); !renamed) return renamed;
    }
    return {};
}

Status set_target(Tree& tree, uint32_t phandle, std::string_view text, std::string_view value) {
    if (phandle == 0) return switch_fragments(tree, text, value);
    const std::string path = tree.with_phandle(phandle);
    if (path.empty()) return fail("it is declared for a node that is not there");
    auto target = parse_target(text);
    if (!target) return std::unexpected(target.error());
    if (target->literal) value = *target->literal;
    switch (target->kind) {
        case 0:
            return set_text(tree, path, *target, value);
        case '?':
        case '!':
            return set_presence(tree, path, *target, value);
        default:
            return set_integer(tree, path, *target, value);
    }
}

}  // namespace

Status set_parameter(Tree& tree, const std::string& parameter) {
    const size_t equals = parameter.find('=');
    const std::string name = parameter.substr(0, equals);
    const std::string value = equals == parameter.npos ? "" : parameter.substr(equals + 1);
    const auto declared = tree.property(kOverrides, name);
    const std::string head = "the parameter " + printable(name, 60);
    if (!declared) return fail(head + " is not known there");
    std::string_view rest = *declared;
    while (!rest.empty()) {
        const auto phandle = cell_at(rest, 0);
        const size_t end = rest.find('\0', 4);
        if (!phandle || end == rest.npos) return fail(head + " is declared in no known way");
        const auto done = set_target(tree, *phandle, rest.substr(4, end - 4), value);
        if (!done) return fail(head + ": " + done.error().what);
        rest.remove_prefix(end + 1);
    }
    return {};
}

}  // namespace bootwire::devicetree
