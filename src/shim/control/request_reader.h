// A request as it comes over the socket: one line. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace bootwire::control {

/// Collects what a client sends, in pieces of any size, until the line is there.
class RequestReader {
  public:
    enum class State {
        incomplete,
        complete,
        refused,  ///< it is longer than longest_request, or goes on behind the line's end
    };

    /// Nothing that comes after a refusal makes a request.
    State add(std::string_view bytes);
    State state() const { return state_; }
    /// The line, without its end, once it is complete: never longer than longest_request says.
    const std::string& line() const { return line_; }

  private:
    std::string line_;
    State state_ = State::incomplete;
};

}  // namespace bootwire::control
