// The filters of bootconf.txt, [pi5] and the like, by which lines count on some boards only.
// Source: raspberrypi.com/documentation, "Bootloader configuration" and "Conditional filters".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eeprom/image.h"

namespace bootwire::eeprom {

/// What is known of the board that the configuration is for.
struct Board {
    Chip chip{};
    std::optional<uint32_t> revision;  ///< the firmware's revision code; nothing: any of that chip
    std::string serial;                ///< hexadecimal digits; empty: not known
};

/// Whether lines count on the board. What depends on a pin, on the partition or on a filter that
/// nobody knows here, may.
enum class Applies { no, maybe, yes };

/// Goes through the filters in their order. Of each kind the last one counts, and all kinds must
/// hold; [all] forgets them.
class Filters {
  public:
    explicit Filters(const Board& board) : board_(board) {}

    /// A filter, by the text between its brackets.
    void take(std::string_view filter);
    Applies now() const;

  private:
    Applies model(std::string_view name) const;
    Applies board_type(std::string_view number) const;
    Applies serial_number(std::string_view number) const;

    const Board& board_;
    Applies none_ = Applies::yes;
    Applies model_ = Applies::yes;
    Applies serial_ = Applies::yes;
    Applies other_ = Applies::yes;
};

}  // namespace bootwire::eeprom
