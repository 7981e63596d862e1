// The last lines of a log, in a bounded amount of memory.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace bootwire {

class RecentLines {
  public:
    /// capacity: bytes kept at most, line ends included.
    explicit RecentLines(size_t capacity) : capacity_(capacity) {}

    /// Forgets the oldest lines where there is no room; a line longer than the capacity is cut.
    void add(std::string_view line) {
        line = line.substr(0, capacity_ - 1);
        lines_.emplace_back(line);
        size_ += line.size() + 1;
        while (size_ > capacity_) {
            size_ -= lines_.front().size() + 1;
            lines_.pop_front();
        }
    }
    /// Oldest first, each with its line end.
    std::string text() const {
        std::string text;
        for (const std::string& line : lines_)
            text += line + "\n";
        return text;
    }

  private:
    size_t capacity_;
    size_t size_ = 0;
    std::deque<std::string> lines_;
};

}  // namespace bootwire
