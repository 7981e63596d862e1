#include "control/request_reader.h"

#include <algorithm>

#include "control/address.h"

namespace bootwire::control {

RequestReader::State RequestReader::add(std::string_view bytes) {
    if (bytes.empty()) return state_;
    const size_t end = bytes.find('\n');
    const size_t size = std::min(end, bytes.size());
    // The line's end counts, too.
    const bool fits = line_.size() + size < longest_request;
    const bool goes_on = end != bytes.npos && end + 1 < bytes.size();
    if (state_ != State::incomplete || !fits || goes_on) {
        line_.clear();
        return state_ = State::refused;
    }
    line_.append(bytes.substr(0, size));
    if (end != bytes.npos) state_ = State::complete;
    return state_;
}

}  // namespace bootwire::control
