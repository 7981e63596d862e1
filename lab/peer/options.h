// Long options with values, as both programs of this folder take them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bootwire::peer {

struct Option {
    std::string_view name;   ///< "--listen"
    std::string_view value;  ///< "ADDRESS:PORT" in the help; empty for a switch
    std::string_view help;
    /// Gets the value ("" for a switch); false if it makes no sense.
    std::function<bool(const std::string&)> set;
};

/// Sets every option that is given. An unknown option, a missing value and a value that makes no
/// sense are errors.
Status read_options(std::span<char* const> arguments, std::span<const Option> options);
void print_help(std::string_view what, std::span<const Option> options);
/// "USER:SECRET" in two, at the first colon.
bool split_login(const std::string& text, std::string& user, std::string& secret);

}  // namespace bootwire::peer
