#include "eeprom_command/describe.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "base/text.h"
#include "eeprom/boot_order.h"
#include "eeprom/check.h"
#include "eeprom/config.h"
#include "eeprom/release.h"

namespace bootwire::eeprom_command {

namespace {

using eeprom::Image;
using eeprom::Kind;
using eeprom::Section;
using Verdict = eeprom::Finding::Verdict;

std::string time_in_words(uint32_t seconds) {
    const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time(moment - day);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d UTC",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text;
}

std::string row(std::string_view subject, const std::string& what) {
    std::string line(subject);
    line.resize(15, ' ');
    return line + what + "\n";
}

std::string kind_in_words(Kind kind) {
    switch (kind) {
        case Kind::code:
            return "code";
        case Kind::file:
            return "file";
        case Kind::hidden_file:
            return "hidden";
        case Kind::packed_file:
            return "packed";
        case Kind::lz4_file:
            return "lz4";
        case Kind::padding:
            return "free";
    }
    char text[12];
    std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(kind));
    return text;
}

/// Offset, size, kind and name of a section, in columns.
std::string section_columns(const Section& section) {
    char text[80];
    std::snprintf(text, sizeof text, "  0x%06x %9u  %-8s  %-16s",
                  static_cast<unsigned>(section.offset), static_cast<unsigned>(section.length),
                  kind_in_words(section.kind).c_str(), section.name.c_str());
    return text;
}

std::string without_trailing_blanks(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

std::string boards_of(const Image& image) {
    return image.chip() == eeprom::Chip::bcm2711 ? "Raspberry Pi 4, 400, CM4 and CM4S (2711)"
                                                 : "Raspberry Pi 5, 500 and CM5 (2712)";
}

std::string version_of(const Image& image) {
    const eeprom::Release release = eeprom::release_of(image);
    std::string text = release.built ? time_in_words(*release.built) + " (BUILD_TIMESTAMP " +
                                           std::to_string(*release.built) + ")"
                                     : "unknown";
    if (!release.version.empty()) text += ", " + release.version;
    if (release.manufacture != 0) text += ", MFG_VER " + std::to_string(release.manufacture);
    return text;
}

std::string order_of(std::string_view text, const Image& image) {
    const auto value = eeprom::value_of(text, eeprom::boot_order_key, {image.chip(), {}, {}});
    if (value && !value->certain) return "depends on the filters in the configuration";
    const auto order = eeprom::parse_boot_order(value ? value->text : std::string_view{});
    if (!order) return order.error().what;
    return eeprom::boot_order_text(*order) + ": " + eeprom::boot_order_in_words(*order) +
           (value ? "" : " (the default)") +
           (eeprom::has_network(*order) ? "" : "; the network is not in it");
}

std::string configuration_lines(std::string_view text) {
    std::string shown;
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (std::string_view line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        shown += without_trailing_blanks("  " + printable(line, 1000)) + "\n";
    }
    return shown;
}

/// Each line of the text once for each time that it is there, sorted.
std::vector<std::string_view> sorted_lines(std::string_view text) {
    auto lines = split(text, '\n');
    std::ranges::sort(lines);
    return lines;
}

std::string lines_without(std::string_view text, std::string_view other, std::string_view mark) {
    std::string found;
    auto rest = sorted_lines(other);
    for (const std::string_view line : split(text, '\n')) {
        const auto same = std::ranges::lower_bound(rest, line);
        if (same != rest.end() && *same == line) {
            rest.erase(same);
        } else if (!trim(line).empty()) {
            found += std::string(mark) + printable(trim(line), 1000) + "\n";
        }
    }
    return found;
}

}  // namespace

std::string describe(const std::string& name, const Image& image) {
    const auto signature = eeprom::owners_signature(image);
    const auto updated = image.update_time();
    std::string text = row("image", printable(name)) + row("for", boards_of(image)) +
                       row("version", version_of(image)) +
                       row("signed", signature ? "by an owner: " + *signature : "by no owner");
    text +=
        row("layout", image.has_two_partitions()
                          ? "64 KiB that are only read, two partitions; the first one is changed"
                          : "one chain of sections");
    text += row("last update", updated ? time_in_words(*updated) : "never");
    const auto configuration = image.configuration();
    if (configuration) {
        text += row("order of boot", order_of(*configuration, image));
        text += row("configuration", std::to_string(configuration->size()) + " bytes; room for " +
                                         std::to_string(image.largest_configuration()));
        text += "\n" + configuration_lines(*configuration);
    } else {
        text += row("configuration", configuration.error().to_string());
    }
    text += "\n    offset     bytes  kind      name\n";
    for (const Section& section : image.sections())
        text += without_trailing_blanks(section_columns(section)) + "\n";
    return text;
}

Verified verify(const std::string& name, const Image& image) {
    Verified verified;
    const auto findings = eeprom::check_sections(image);
    size_t whole = 0;
    size_t damaged = 0;
    for (size_t i = 0; i < findings.size(); ++i) {
        const bool is_whole = findings[i].verdict == Verdict::whole;
        const bool is_damaged = findings[i].verdict == Verdict::damaged;
        whole += is_whole ? 1 : 0;
        damaged += is_damaged ? 1 : 0;
        verified.text += section_columns(image.sections()[i]) +
                         (is_whole     ? "  whole        "
                          : is_damaged ? "  DAMAGED      "
                                       : "  not checked  ") +
                         findings[i].what + "\n";
    }
    verified.whole = damaged == 0;
    verified.text += printable(name) + ": " + std::to_string(findings.size()) +
                     " sections, one behind the other; " + std::to_string(whole) + " whole, " +
                     std::to_string(findings.size() - whole - damaged) +
                     " without a checksum that can be checked here, " + std::to_string(damaged) +
                     " damaged\n";
    return verified;
}

std::string differences(std::string_view before, std::string_view after) {
    return lines_without(before, after, "- ") + lines_without(after, before, "+ ");
}

}  // namespace bootwire::eeprom_command
