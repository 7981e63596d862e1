#include "devicetree/parameters.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "base/ascii.h"
#include "base/text.h"
#include "devicetree/bootargs.h"
#include "devicetree/declarations.h"
#include "devicetree/nodes.h"
#include "devicetree/references.h"

namespace bootwire::devicetree {

namespace {

constexpr char overrides_node[] = "/__overrides__";

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
    // How a pin is pulled, by the overlays' README.
    if (text == "down") return 1;
    if (text == "up") return 2;
    return std::nullopt;
}

std::string big_endian(uint64_t value, size_t bytes) {
    std::string text;
    for (size_t i = bytes; i-- > 0;)
        text += static_cast<char>(value >> 8 * i);
    return text;
}

size_t width_of(const Declaration& target) {
    return target.kind == '.' ? 1 : target.kind == ';' ? 2 : target.kind == ':' ? 4 : 8;
}

/// "sensor@76" becomes "sensor@77".
Status set_unit_address(Tree& tree, const std::string& path, uint64_t address) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const size_t at = name.find('@');
    if (at == name.npos) return {};
    char digits[17];
    std::snprintf(digits, sizeof digits, "%" PRIx64, address);
    return rename_node(tree, path, name.substr(0, at + 1) + digits);
}

/// source: the cell that the number comes from, which may stand for a label; null: none
Status write_integer(Tree& tree, const std::string& path, const Declaration& target,
                     uint64_t number, const CellPlace* source) {
    const CellPlace place{path, target.property, target.offset};
    if (source != nullptr) return copy_cell(tree, *source, place);
    if (target.kind == ':') return set_cell(tree, place, static_cast<uint32_t>(number));
    const size_t width = width_of(target);
    std::string whole = tree.property(path, target.property).value_or("");
    if (whole.size() < target.offset + width) whole.resize(target.offset + width);
    whole.replace(target.offset, width, big_endian(number, width));
    return tree.set(path, target.property, whole);
}

/// "reg" is more than a property: the address in the node's name, even where there is no property.
Status set_integer(Tree& tree, const std::string& path, const Declaration& target, uint64_t number,
                   const CellPlace* source = nullptr) {
    if (target.property != "reg") return write_integer(tree, path, target, number, source);
    const size_t end = target.offset + width_of(target);
    if (tree.property(path, "reg").value_or("").size() >= end) {
        if (auto done = write_integer(tree, path, target, number, source); !done) return done;
    }
    return target.offset == 0 ? set_unit_address(tree, path, number) : Status();
}

uint32_t number_in(const Tree& tree, const CellPlace& place) {
    const auto value = tree.property(place.node, place.property);
    return cell_at(value.value_or(""), place.offset).value_or(0);
}

Status set_to_number(Tree& tree, const std::string& path, const Declaration& target,
                     std::string_view value) {
    const auto number = parse_integer(value);
    if (!number) return fail("\"" + printable(value, 40) + "\" is no number");
    return set_integer(tree, path, target, *number);
}

/// "b8:27:eb:01:23:45", with or without colons.
Status set_bytes(Tree& tree, const std::string& path, const Declaration& target,
                 std::string_view value) {
    std::string bytes;
    for (std::string_view digits : split(value, ':')) {
        do {
            const auto byte = parse_number<uint8_t>(digits.substr(0, 2), 16);
            if (!byte || digits.size() == 3 || bytes.size() == longest_property) {
                return fail("\"" + printable(value, 40) + "\" are no bytes in hexadecimal");
            }
            bytes += static_cast<char>(*byte);
            digits.remove_prefix(std::min<size_t>(digits.size(), 2));
        } while (!digits.empty());
    }
    if (auto done = forget_cells(tree, path, target.property); !done) return done;
    return tree.set(path, target.property, bytes);
}

Status set_text(Tree& tree, const std::string& path, const Declaration& target,
                std::string_view value) {
    std::string text(value);
    if (target.property == "name") return rename_node(tree, path, text);
    if (target.property == "bootargs") {
        return tree.set(path, target.property,
                        with_words(tree.property(path, target.property).value_or(""), text));
    }
    if (target.property == "status") {
        if (const auto on = parse_switch(value)) text = *on ? "okay" : "disabled";
    }
    if (auto done = forget_cells(tree, path, target.property); !done) return done;
    return tree.set(path, target.property, text + '\0');
}

Status set_presence(Tree& tree, const std::string& path, const Declaration& target,
                    std::string_view value) {
    const auto number = parse_integer(value);
    if (!number) return fail("\"" + printable(value, 40) + "\" is neither on nor off");
    const bool on = *number != 0;
    if (auto done = forget_cells(tree, path, target.property); !done) return done;
    if (on == (target.kind == '?')) return tree.set(path, target.property, "");
    tree.remove(path, target.property);
    return {};
}

/// "+0-1=2!3": fragments of an overlay that are switched on, off, with and against the value, which
/// is on but for 0 and its synonyms.
Status switch_fragments(Tree& tree, std::string_view text, std::string_view value) {
    const bool on = parse_integer(value) != 0u;
    while (!text.empty()) {
        const char sign = text.front();
        text.remove_prefix(1);
        const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto number = parse_number<uint16_t>(text.substr(0, digits));
        text.remove_prefix(digits);
        if (!number || std::string_view("+-=!").find(sign) == std::string_view::npos) {
            return fail("it is declared in a way that is not understood");
        }
        const bool active = sign == '+' || (sign == '=' && on) || (sign == '!' && !on);
        const bool idle = !active;
        const std::string fragment = "/fragment@" + std::to_string(*number);
        // A fragment without __overlay__ does nothing; dormant ones have __dormant__ instead.
        const std::string from = fragment + (idle ? "/__overlay__" : "/__dormant__");
        const std::string to = idle ? "__dormant__" : "__overlay__";
        if (!tree.has(from)) continue;
        if (auto renamed = rename_node(tree, from, to); !renamed) return renamed;
    }
    return {};
}

Status set_target(Tree& tree, const std::string& parameter, const Declaration& target,
                  std::string_view input) {
    if (target.phandle == 0) return switch_fragments(tree, target.property, input);
    const std::string path = tree.with_phandle(target.phandle);
    if (path.empty()) return fail("it is declared for a node that is not there");
    const auto value = value_for(target, input);
    if (!value) return std::unexpected(value.error());
    const CellPlace source{overrides_node, parameter, value->cell.value_or(0)};
    if (value->cell && target.kind == ':')
        return set_integer(tree, path, target, number_in(tree, source), &source);
    const std::string text = value->cell ? std::to_string(number_in(tree, source)) : value->text;
    switch (target.kind) {
        case 0:
            return set_text(tree, path, target, text);
        case '?':
        case '!':
            return set_presence(tree, path, target, text);
        case '[':
            return set_bytes(tree, path, target, text);
        default:
            return set_to_number(tree, path, target, text);
    }
}

}  // namespace

bool has_parameter(const Tree& tree, const std::string& parameter) {
    return tree.property(overrides_node, parameter.substr(0, parameter.find('='))).has_value();
}

Status set_parameter(Tree& tree, const std::string& parameter) {
    const size_t equals = parameter.find('=');
    const std::string name = parameter.substr(0, equals);
    const std::string value = equals == parameter.npos ? "" : parameter.substr(equals + 1);
    const auto declared = tree.property(overrides_node, name);
    const std::string head = "the parameter " + printable(name, 60);
    if (!declared) return fail(head + " is not known there");
    const auto targets = parse_declarations(*declared);
    if (!targets) return fail(head + ": " + targets.error().what);
    for (const Declaration& target : *targets) {
        const auto done = set_target(tree, name, target, value);
        if (!done) return fail(head + ": " + done.error().what);
    }
    return {};
}

}  // namespace bootwire::devicetree
