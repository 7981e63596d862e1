#include "shutdown/stall.h"

#include <utility>

#include "base/text.h"

namespace bootwire::shutdown {

uint64_t parse_unwritten(std::string_view meminfo) {
    uint64_t kilobytes = 0;
    for (const std::string_view line : split(meminfo, '\n')) {
        const auto words = split_words(line);
        if (words.size() < 2 || (words[0] != "Dirty:" && words[0] != "Writeback:")) continue;
        kilobytes += parse_number<uint64_t>(words[1]).value_or(0);
    }
    return kilobytes * 1024;
}

bool Stall::is_over(uint64_t unwritten, bool excused, Moment now) {
    const bool moved = unwritten < std::exchange(unwritten_, unwritten);
    if (moved || excused) since_ = now;
    return now - since_ >= limit_;
}

}  // namespace bootwire::shutdown
