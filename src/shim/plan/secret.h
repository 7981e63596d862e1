// A password or key: text that no message, log line or JSON can take by accident.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace bootwire::plan {

/// Does not convert to text, print or compare; its memory is overwritten when it goes.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string_view text) : text_(text) {}
    Secret(const Secret& other) = default;
    /// A copy, since a moved-from short text stays where it was.
    Secret(Secret&& other) noexcept
        : text_(other.text_) {  // NOLINT(performance-move-constructor-init)
        wipe(other.text_);
    }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe(text_);
            text_ = other.text_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe(text_);
            text_ = other.text_;
            wipe(other.text_);
        }
        return *this;
    }
    ~Secret() { wipe(text_); }

    bool empty() const { return text_.empty(); }
    /// For the login alone.
    std::string_view reveal() const { return text_; }

  private:
    std::string text_;
};

}  // namespace bootwire::plan
