// What the splash shows, as a value. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace bootwire::screen {

struct Step {
    enum class State { waiting, running, done, failed };

    std::string name;
    State state = State::waiting;
    std::string detail{};  ///< what came out of it, or what it is at
    Moment began{0};       ///< unless it is waiting
    Moment ended{0};       ///< if it is done
};

/// What is being waited for, what has failed, or what is being done beside the steps.
struct Notice {
    enum class Kind { wait, failure, work };

    Kind kind = Kind::wait;
    std::string title{};
    std::string text{};
    std::string hint{};  ///< may be empty
    std::string link{};  ///< for the QR code; may be empty
    Moment since{0};
    int attempt = 0;                       ///< of a failure, from 1
    std::optional<Moment> next_attempt{};  ///< of a failure; in the past: under way
    std::string help{};                    ///< where a person can step in; may be empty
};

struct View {
    std::string version{};
    std::string board{};
    std::string serial{};
    std::vector<Step> steps{};
    std::optional<Notice> notice{};
};

/// The view as bytes for another process of this program, and back. What decode() does not
/// understand gives nothing.
std::string encode(const View& view);
std::optional<View> decode(std::string_view bytes);

}  // namespace bootwire::screen
