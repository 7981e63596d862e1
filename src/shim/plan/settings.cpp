#include "plan/settings.h"

#include "base/text.h"

namespace bootwire::plan {

std::string Source::to_string() const {
    switch (kind) {
        case Kind::build_default:
            return "the built-in default";
        case Kind::board:
            return "the board";
        case Kind::dhcp: {
            const std::string from = dhcp_server.is_unspecified() && dhcp_server.is_v4()
                                         ? ""
                                         : " from " + dhcp_server.to_string();
            if (dhcp_option == 0) return "the DHCP lease" + from;
            return "DHCP option " + std::to_string(dhcp_option) + from;
        }
        case Kind::card:
            return "bootwire.txt of the SD card";
        case Kind::command_line:
            return "the kernel command line";
        case Kind::help_disk:
            return "bootwire.txt of the help disk";
        case Kind::console:
            return "the rescue console";
    }
    return {};
}

namespace {

std::string in_line(const Word& word) {
    return word.line > 0 ? ", line " + std::to_string(word.line) + "," : "";
}

}  // namespace

void Settings::add(Key key, std::string_view text, const Source& source) {
    settings_.push_back({key, std::string(text), source});
}

void Settings::add(const CommandLine& line, const Source& source, Report& report) {
    // All that a person writes into bootwire.txt is meant for us; a kernel has words of its own.
    const bool all_ours = source.kind != Source::Kind::command_line;
    for (const Word& word : line.words()) {
        if (const KeyInfo* key = find_key(word.name)) {
            add(key->key, word.value.value_or(""), source);
            continue;
        }
        if (!all_ours && !is_our_name(word.name)) continue;
        std::string warning = source.to_string() + in_line(word) + " has \"" +
                              printable(word.name, 64) + "\", which bootwire does not know";
        const std::string_view nearest = nearest_key(word.name);
        if (!nearest.empty()) warning += "; do you mean " + std::string(nearest) + "=?";
        report.warnings.push_back(std::move(warning));
    }
    if (line.cut()) {
        report.warnings.push_back(source.to_string() + " is longer than " +
                                  std::to_string(CommandLine::max_length) + " bytes or " +
                                  std::to_string(CommandLine::max_words) +
                                  " words; the rest is not looked at");
    }
}

void Settings::add(const dhcp::Lease& lease) {
    if (!lease.boot_mode.empty()) {
        add(Key::iscsi_mode, lease.boot_mode, Source::dhcp(224, lease.server));
    }
    if (!lease.initiator_name.empty()) {
        add(Key::iscsi_initiator, lease.initiator_name, Source::dhcp(203, lease.server));
    }
}

std::vector<const Setting*> Settings::of(Key key) const {
    using Kind = Source::Kind;
    std::vector<const Setting*> found;
    for (const Kind kind : {Kind::console, Kind::help_disk, Kind::command_line, Kind::card,
                            Kind::dhcp, Kind::board, Kind::build_default}) {
        for (auto setting = settings_.rbegin(); setting != settings_.rend(); ++setting) {
            if (setting->key == key && setting->source.kind == kind) found.push_back(&*setting);
        }
    }
    return found;
}

std::string malformed(const Setting& setting, std::string_view reason) {
    const KeyInfo& key = info(setting.key);
    std::string text(key.name);
    text += ": ";
    if (key.secret) {
        text += "the value (not shown)";
    } else if (setting.text.empty()) {
        text += "the empty value";
    } else {
        text += '"' + printable(setting.text, 80) + '"';
    }
    text += " from " + setting.source.to_string() + " is not usable";
    if (!reason.empty()) text += ", " + std::string(reason);
    text += "; expected ";
    text += key.form;
    return text;
}

}  // namespace bootwire::plan
