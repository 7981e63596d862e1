// The numbers that commands and responses are counted with (RFC 7143 section 4.2.2): 32 bits that
// go round, compared by section 4.2.2.1 (RFC 1982).
#pragma once

#include <cstdint>

namespace bootwire::iscsi {

/// Whether a comes after b.
constexpr bool is_after(uint32_t a, uint32_t b) {
    return static_cast<int32_t>(a - b) > 0;
}

/// ExpStatSN, moved on by the StatSN of each response that has one.
class StatusCount {
  public:
    explicit constexpr StatusCount(uint32_t expected = 0) : expected_(expected) {}

    /// Of the next request.
    constexpr uint32_t expected() const { return expected_; }
    /// False for the number of a response that has been acknowledged already.
    constexpr bool take(uint32_t stat_sn) {
        if (is_after(expected_, stat_sn)) return false;
        expected_ = stat_sn + 1;
        return true;
    }

  private:
    uint32_t expected_;
};

}  // namespace bootwire::iscsi
