#include "keeper/ending_request.h"

#include "control/ending.h"

namespace bootwire::keeper {

namespace {

struct Known {
    std::string_view words;
    EndingRequest::Kind kind;
};
constexpr Known known_requests[] = {
    {control::ending_request, EndingRequest::Kind::ending},
    {control::log_out_request, EndingRequest::Kind::log_out},
    {control::end_anyway_request, EndingRequest::Kind::end_anyway},
};

}  // namespace

std::optional<EndingRequest> parse_ending_request(std::string_view text) {
    for (const Known& known : known_requests) {
        if (!text.starts_with(known.words)) continue;
        return EndingRequest{known.kind, board::parse_verb(text.substr(known.words.size()))};
    }
    return std::nullopt;
}

}  // namespace bootwire::keeper
