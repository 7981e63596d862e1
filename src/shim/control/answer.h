// An answer of the keeper: one word that says how it went, then the text to be shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bootwire::control {

enum class Verdict {
    ok,
    lost,     ///< the session is not there
    denied,   ///< only root may ask for that
    unknown,  ///< no such request, or not now
};

struct Answer {
    Verdict verdict = Verdict::ok;
    std::string text;  ///< whole lines

    /// As it goes over the socket: the verdict's word on a line of its own, then the text.
    std::string to_wire() const;
    /// Nothing if the first line is no verdict. What else of control characters than line ends and
    /// tabs is in the text becomes '?': a terminal would obey it.
    static std::optional<Answer> from_wire(std::string_view wire);
};

Answer only_root_may();

}  // namespace bootwire::control
