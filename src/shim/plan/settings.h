// All values that the sources give, as text, and the rule by which one of them wins.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dhcp/lease.h"
#include "plan/command_line.h"
#include "plan/keys.h"
#include "plan/source.h"

namespace bootwire::plan {

/// What a person reads about how the request came together. No line holds a secret.
struct Report {
    std::vector<std::string> lines;     ///< one for each field: value and source
    std::vector<std::string> warnings;  ///< malformed values, unknown names
};

/// A value as somebody wrote it.
struct Setting {
    Key key;
    std::string text;
    Source source;
};

class Settings {
  public:
    /// Takes the words that are keys; warns about unknown names: on the kernel's command line those
    /// in our name space, elsewhere all.
    void add(const CommandLine& line, const Source& source, Report& report);
    /// Takes the options that are a setting's text: 224 and 203. (Option 17 is not one text.)
    void add(const dhcp::Lease& lease);

    /// All values of the key, strongest source first; within a source a later one comes first.
    std::vector<const Setting*> of(Key key) const;

  private:
    void add(Key key, std::string_view text, const Source& source);
    std::vector<Setting> settings_;
};

/// "iscsi.port: "70000" from the kernel command line is not usable; expected a number from …".
/// Shows no secret. reason may add what is wrong with the value.
std::string malformed(const Setting& setting, std::string_view reason = {});

/// The strongest value that parse (text → optional<T>) understands; each stronger one that it does
/// not is a warning.
template <class T, class Parse>
std::optional<Field<T>> first_usable(const Settings& settings, Key key, Parse parse,
                                     Report& report) {
    for (const Setting* setting : settings.of(key)) {
        if (std::optional<T> value = parse(setting->text)) {
            return Field<T>{std::move(*value), setting->source};
        }
        report.warnings.push_back(malformed(*setting));
    }
    return std::nullopt;
}

/// For lists: all values that parse understands of the strongest source that has one, in the order
/// in which they were given; each one it does not understand is a warning.
template <class T, class Parse>
std::optional<Field<std::vector<T>>> all_usable(const Settings& settings, Key key, Parse parse,
                                                Report& report) {
    std::optional<Field<std::vector<T>>> found;
    for (const Setting* setting : settings.of(key)) {
        if (found && found->source != setting->source) break;
        if (std::optional<T> value = parse(setting->text)) {
            if (!found) found = Field<std::vector<T>>{{}, setting->source};
            found->value.insert(found->value.begin(), std::move(*value));
        } else {
            report.warnings.push_back(malformed(*setting));
        }
    }
    return found;
}

}  // namespace bootwire::plan
