// Lines of the log that somebody else may cause as often as he likes.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace bootwire::keeper {

/// For lines of one kind: the first one is told, then at most one in a minute, with the number of
/// those that were left out before it.
class Seldom {
  public:
    /// The line as it is to be told; nothing if it is left out. now: never goes back.
    std::optional<std::string> say(const std::string& line, Moment now) {
        if (again_at_ && now < *again_at_) {
            ++left_out_;
            return std::nullopt;
        }
        again_at_ = now + pause;
        if (left_out_ == 0) return line;
        const std::string count = std::to_string(left_out_);
        left_out_ = 0;
        return line + " (and " + count + " more since the last such line)";
    }

  private:
    static constexpr Milliseconds pause{60'000};

    std::optional<Moment> again_at_;
    unsigned left_out_ = 0;
};

}  // namespace bootwire::keeper
