// What the booted OS, or a person, asks of the keeper about the machine's end: control/ending.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "board/ending.h"

namespace bootwire::keeper {

struct EndingRequest {
    enum class Kind : uint8_t { ending, log_out, end_anyway };

    Kind kind = Kind::ending;
    std::optional<board::Verb> verb;  ///< nothing: what stands there is none

    bool operator==(const EndingRequest&) const = default;
};

/// Nothing if the text is none of these requests.
std::optional<EndingRequest> parse_ending_request(std::string_view text);

}  // namespace bootwire::keeper
