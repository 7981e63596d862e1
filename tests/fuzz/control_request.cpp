// Any bytes over the control socket: as a request, in pieces of any size, and as an answer. What is
// taken is what was sent, and never longer than agreed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "board/ending.h"
#include "control/address.h"
#include "control/answer.h"
#include "control/ending.h"
#include "control/request_reader.h"
#include "keeper/ending_request.h"

using namespace bootwire;
using control::RequestReader;
using Kind = keeper::EndingRequest::Kind;

namespace {

RequestReader read_in_pieces(std::string_view bytes, size_t piece) {
    RequestReader reader;
    for (size_t at = 0; at < bytes.size(); at += piece)
        reader.add(bytes.substr(at, piece));
    return reader;
}

void check_request(std::string_view bytes) {
    const RequestReader whole = read_in_pieces(bytes, std::max<size_t>(bytes.size(), 1));
    for (const size_t piece : {1, 7, 255, 256}) {
        const RequestReader other = read_in_pieces(bytes, piece);
        if (other.state() != whole.state() || other.line() != whole.line()) std::abort();
    }
    if (whole.line().size() >= control::longest_request) std::abort();
    if (whole.state() != RequestReader::State::complete) return;
    if (whole.line() + "\n" != bytes) std::abort();
    const auto asked = keeper::parse_ending_request(whole.line());
    if (!asked || !asked->verb) return;
    const std::string_view words = asked->kind == Kind::ending    ? control::ending_request
                                   : asked->kind == Kind::log_out ? control::log_out_request
                                                                  : control::end_anyway_request;
    std::string spelled(words);
    if (spelled.append(board::to_string(*asked->verb)) != whole.line()) std::abort();
}

void check_answer(std::string_view bytes) {
    const auto answer = control::Answer::from_wire(bytes);
    if (answer) {
        const auto is_obeyed = [](char c) {
            return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t';
        };
        if (std::ranges::any_of(answer->text, is_obeyed)) std::abort();
        const std::string wire = answer->to_wire();
        if (wire.size() != bytes.size()) std::abort();
        const auto again = control::Answer::from_wire(wire);
        if (!again || again->verdict != answer->verdict || again->text != answer->text) {
            std::abort();
        }
    }
    if (const auto disk = control::disk_of_noted_answer(bytes)) {
        if (control::noted_answer(*disk) != bytes) std::abort();
        if (disk->empty() || disk->find_first_of("/. \n") != disk->npos) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_request(bytes);
    check_answer(bytes);
    return 0;
}
