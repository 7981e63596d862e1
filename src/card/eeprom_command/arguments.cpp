#include "eeprom_command/arguments.h"

#include <array>

#include "base/text.h"

namespace bootwire::eeprom_command {

namespace {

using Verb = Arguments::Verb;

std::optional<Verb> parse_verb(std::string_view word) {
    if (word == "show") return Verb::show;
    if (word == "edit") return Verb::edit;
    if (word == "verify") return Verb::verify;
    return std::nullopt;
}

std::unexpected<Error> wrong(std::string what) {
    return fail(std::move(what), "./bootwire eeprom --help explains all");
}

Status take_setting(std::string_view word, Arguments& arguments) {
    const size_t equals = word.find('=');
    if (equals == word.npos || equals == 0) {
        return wrong("--set wants KEY=VALUE, and got " + printable(word, 60));
    }
    arguments.settings.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    return {};
}

struct Option {
    std::string_view name;
    std::optional<std::string> Arguments::* value;
    bool of_verify = false;
};
constexpr std::array options{
    Option{"--boot-order", &Arguments::boot_order},
    Option{"--config", &Arguments::config},
    Option{"--timestamp", &Arguments::timestamp},
    Option{"--sig", &Arguments::signature, true},
    Option{"--out", &Arguments::out},
};

/// Of "--name=value" the value, else the next word.
Result<std::string> value_of(const std::vector<std::string>& words, size_t& index) {
    const std::string& word = words[index];
    const size_t equals = word.find('=');
    if (equals != word.npos) return word.substr(equals + 1);
    if (index + 1 == words.size()) return wrong(word + " wants a value");
    return words[++index];
}

Status take_option(const std::vector<std::string>& words, size_t& index, Arguments& arguments) {
    const std::string name = words[index].substr(0, words[index].find('='));
    if (name == "--yes" && arguments.verb == Verb::edit) {
        arguments.yes = true;
        return {};
    }
    const Option* option = nullptr;
    for (const Option& known : options) {
        const bool allowed =
            arguments.verb == Verb::edit || (arguments.verb == Verb::verify && known.of_verify);
        if (known.name == name && allowed) option = &known;
    }
    const bool setting = name == "--set" && arguments.verb == Verb::edit;
    if (option == nullptr && !setting) return wrong("there is no " + printable(name, 40) + " here");
    auto value = value_of(words, index);
    if (!value) return std::unexpected(value.error());
    if (setting) return take_setting(*value, arguments);
    if (value->empty()) return wrong(name + " wants a value");
    arguments.*(option->value) = std::move(*value);
    return {};
}

}  // namespace

Result<Arguments> parse_arguments(const std::vector<std::string>& words) {
    if (words.empty()) return wrong("what is to be done: show, edit or verify?");
    const auto verb = parse_verb(words.front());
    if (!verb)
        return wrong("there is no " + printable(words.front(), 40) + ": show, edit or verify");
    Arguments arguments;
    arguments.verb = *verb;
    for (size_t i = 1; i < words.size(); ++i) {
        if (words[i].starts_with("--")) {
            if (auto status = take_option(words, i, arguments); !status) {
                return std::unexpected(status.error());
            }
        } else if (arguments.file.empty()) {
            arguments.file = words[i];
        } else {
            return wrong("one file at a time: " + printable(words[i], 60) + " is a second one");
        }
    }
    if (arguments.file.empty()) return wrong("which file?");
    const bool asks_nothing = arguments.settings.empty() && !arguments.boot_order &&
                              !arguments.config && !arguments.timestamp && !arguments.signature;
    if (arguments.verb == Verb::edit && asks_nothing) {
        return wrong("what is to be changed: --set, --boot-order or --config?");
    }
    const std::string& image = arguments.out ? *arguments.out : arguments.file;
    if (arguments.signature == image) return wrong("the image and its .sig are two files");
    return arguments;
}

}  // namespace bootwire::eeprom_command
