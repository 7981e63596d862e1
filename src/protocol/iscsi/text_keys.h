// The key=value text of Login and Text PDUs (RFC 7143 section 6): reading, writing, putting
// together what came in several PDUs. No heap: views into the caller's buffers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace bootwire::iscsi {

/// Section 6.1.
inline constexpr size_t max_key_length = 63;
/// The longest single value: a CHAP challenge of 1024 bytes in hexadecimal fits well.
inline constexpr size_t max_value_length = 8192;
/// What a side must be able to take in one negotiation sequence (section 6.1).
inline constexpr size_t max_text_length = 16384;
/// MaxRecvDataSegmentLength of both sides while they log in (section 13.12).
inline constexpr size_t login_data_length = 8192;

struct TextPair {
    std::string_view key;
    std::string_view value;
};

enum class TextProblem : uint8_t {
    none,
    no_equals_sign,
    empty_key,
    key_too_long,
    bad_key_character,
    value_too_long,
    too_much_text,
};

/// Walks over the pairs of a complete text. Stray zero bytes between pairs are passed over, as
/// several targets pad with them; and the last pair may lack its own, as with several others.
class TextKeyReader {
  public:
    explicit TextKeyReader(Bytes text);

    /// The next pair; nothing at the end and at the first problem.
    std::optional<TextPair> next();
    /// What ended the walk early.
    TextProblem problem() const { return problem_; }
    /// The last pair lacks its zero byte.
    bool unterminated() const { return unterminated_; }

  private:
    std::string_view rest_;
    TextProblem problem_ = TextProblem::none;
    bool unterminated_ = false;
};

/// Writes pairs into the caller's buffer.
class TextKeyWriter {
  public:
    explicit TextKeyWriter(MutableBytes storage) : storage_(storage) {}

    /// Adds key=value and the zero byte. A pair that does not fit is left out as a whole and
    /// remembered by overflowed().
    void add(std::string_view key, std::string_view value);
    void add(std::string_view key, uint32_t value);

    Bytes bytes() const { return storage_.first(size_); }
    bool empty() const { return size_ == 0; }
    bool overflowed() const { return overflowed_; }
    void clear();

  private:
    MutableBytes storage_;
    size_t size_ = 0;
    bool overflowed_ = false;
};

/// Puts together the data segments of PDUs with the C (continue) bit set.
class TextAssembler {
  public:
    explicit TextAssembler(MutableBytes storage) : storage_(storage) {}

    /// False, and nothing taken, if the text would outgrow the storage.
    bool append(Bytes segment);
    Bytes text() const { return storage_.first(size_); }
    bool empty() const { return size_ == 0; }
    void clear() { size_ = 0; }

  private:
    MutableBytes storage_;
    size_t size_ = 0;
};

/// A numerical value: decimal, or hexadecimal after 0x (section 6.1).
std::optional<uint32_t> parse_numerical(std::string_view text);
/// "Yes" or "No", nothing else.
std::optional<bool> parse_boolean(std::string_view text);
/// Whether a comma-separated list names the item.
bool list_contains(std::string_view list, std::string_view item);
/// The first item of a comma-separated list, which is cut off the list.
std::string_view take_list_item(std::string_view& list);

}  // namespace bootwire::iscsi
