#include "options.h"

#include <algorithm>
#include <cstdio>

namespace bootwire::peer {

Status read_options(std::span<char* const> arguments, std::span<const Option> options) {
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        const auto option = std::ranges::find(options, argument, &Option::name);
        if (option == options.end()) {
            return fail("unknown option " + std::string(argument), "see --help");
        }
        std::string value;
        if (!option->value.empty()) {
            if (++i == arguments.size()) {
                return fail(std::string(argument) + " needs " + std::string(option->value));
            }
            value = arguments[i];
        }
        if (!option->set(value)) {
            return fail(std::string(argument) + " takes " + std::string(option->value) +
                        ", not \"" + value + "\"");
        }
    }
    return {};
}

void print_help(std::string_view what, std::span<const Option> options) {
    std::printf("%.*s\n\n", static_cast<int>(what.size()), what.data());
    for (const Option& option : options) {
        const std::string head = "  " + std::string(option.name) +
                                 (option.value.empty() ? "" : " ") + std::string(option.value);
        std::printf("%-36s %.*s\n", head.c_str(), static_cast<int>(option.help.size()),
                    option.help.data());
    }
}

bool split_login(const std::string& text, std::string& user, std::string& secret) {
    const size_t colon = text.find(':');
    if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return false;
    user = text.substr(0, colon);
    secret = text.substr(colon + 1);
    return true;
}

}  // namespace bootwire::peer
