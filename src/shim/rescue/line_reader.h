// Bytes that somebody types, as lines. No I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bootwire::rescue {

class LineReader {
  public:
    /// What of a longer line is beyond this is left out.
    static constexpr size_t longest = 1024;

    void add(std::string_view bytes);
    /// The next whole line, without its end, blanks around it and control characters.
    std::optional<std::string> next();

  private:
    std::string unread_;
};

}  // namespace bootwire::rescue
