#include "screen/qr.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace bootwire::screen {

namespace {

/// Error correction level M of versions 1 to 6 (ISO/IEC 18004, table 9): equal blocks all.
struct Capacity {
    int blocks;
    int data;        ///< codewords in each block
    int correction;  ///< likewise
};
constexpr std::array<Capacity, 6> capacities{
    {{1, 16, 10}, {1, 28, 16}, {1, 44, 26}, {2, 32, 18}, {2, 43, 24}, {4, 27, 16}}};
constexpr int header_bits = 4 + 8;  // mode and length of byte mode, versions 1 to 9

constexpr size_t codewords_of(const Capacity& capacity) {
    return static_cast<size_t>(capacity.blocks) * capacity.data;
}
constexpr size_t longest_text_of(const Capacity& capacity) {
    return (codewords_of(capacity) * 8 - header_bits) / 8;
}
static_assert(longest_text_of(capacities.back()) == longest_qr_text);

/// In GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1.
uint8_t multiply(uint8_t a, uint8_t b) {
    int product = 0;
    for (int bit = 7; bit >= 0; --bit) {
        product = product << 1 ^ (product >> 7) * 0x11d;
        if (b >> bit & 1) product ^= a;
    }
    return static_cast<uint8_t>(product);
}

/// The remainder of the data as a polynomial, divided by (x - 1)(x - 2)(x - 4)…
std::vector<uint8_t> correction_of(const uint8_t* data, int size, int degree) {
    std::vector<uint8_t> generator(degree);
    generator.back() = 1;
    uint8_t root = 1;
    for (int i = 0; i < degree; ++i, root = multiply(root, 2)) {
        for (int j = 0; j < degree; ++j) {
            generator[j] = multiply(generator[j], root);
            if (j + 1 < degree) generator[j] ^= generator[j + 1];
        }
    }
    std::vector<uint8_t> remainder(degree);
    for (int i = 0; i < size; ++i) {
        const uint8_t factor = data[i] ^ remainder.front();
        remainder.erase(remainder.begin());
        remainder.push_back(0);
        for (int j = 0; j < degree; ++j)
            remainder[j] ^= multiply(generator[j], factor);
    }
    return remainder;
}

/// Byte mode, the terminator, and padding up to the version's capacity.
std::vector<uint8_t> data_codewords(std::string_view text, size_t capacity) {
    std::vector<uint8_t> words{static_cast<uint8_t>(0x40 | text.size() >> 4),
                               static_cast<uint8_t>(text.size() << 4)};
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        words.back() |= byte >> 4;
        words.push_back(static_cast<uint8_t>(byte << 4));
    }
    for (uint8_t pad = 0xec; words.size() < capacity; pad ^= 0xec ^ 0x11)
        words.push_back(pad);
    return words;
}

/// First all blocks' first codewords, then their second, and so on; then the correction likewise.
std::vector<uint8_t> interleave(const std::vector<uint8_t>& data, const Capacity& capacity) {
    const auto data_size = static_cast<size_t>(capacity.data);  // of a block
    std::vector<uint8_t> words;
    std::vector<std::vector<uint8_t>> corrections;
    words.reserve(static_cast<size_t>(capacity.blocks) *
                  static_cast<size_t>(capacity.data + capacity.correction));
    corrections.reserve(static_cast<size_t>(capacity.blocks));
    for (int i = 0; i < capacity.data; ++i) {
        for (int block = 0; block < capacity.blocks; ++block)
            words.push_back(data[static_cast<size_t>(block) * data_size + static_cast<size_t>(i)]);
    }
    for (int block = 0; block < capacity.blocks; ++block) {
        corrections.push_back(correction_of(&data[static_cast<size_t>(block) * data_size],
                                            capacity.data, capacity.correction));
    }
    for (int i = 0; i < capacity.correction; ++i) {
        for (const auto& correction : corrections)
            words.push_back(correction[i]);
    }
    return words;
}

bool is_inverted(int mask, int x, int y) {
    switch (mask) {
        case 0:
            return (x + y) % 2 == 0;
        case 1:
            return y % 2 == 0;
        case 2:
            return x % 3 == 0;
        case 3:
            return (x + y) % 3 == 0;
        case 4:
            return (y / 2 + x / 3) % 2 == 0;
        case 5:
            return x * y % 2 + x * y % 3 == 0;
        case 6:
            return (x * y % 2 + x * y % 3) % 2 == 0;
        default:
            return ((x + y) % 2 + x * y % 3) % 2 == 0;
    }
}

}  // namespace

std::optional<QrCode> QrCode::encode(std::string_view text, std::optional<int> wanted) {
    if (text.size() > longest_qr_text) return std::nullopt;
    const auto capacity = std::ranges::find_if(
        capacities, [&](const Capacity& each) { return text.size() <= longest_text_of(each); });
    QrCode code(static_cast<int>(capacity - capacities.begin()) + 1);
    code.draw_data(interleave(data_codewords(text, codewords_of(*capacity)), *capacity));
    std::optional<QrCode> best;
    for (int mask = 0; mask < 8; ++mask) {
        if (wanted && *wanted != mask) continue;
        QrCode masked = code;
        masked.apply_mask(mask);
        masked.draw_format(mask);
        if (!best || masked.penalty() < best->penalty()) best = std::move(masked);
    }
    return best;
}

QrCode::QrCode(int version)
    : size_(17 + 4 * version), modules_(static_cast<size_t>(size_) * size_) {
    for (int i = 0; i < size_; ++i) {
        set_function(6, i, i % 2 == 0);
        set_function(i, 6, i % 2 == 0);
    }
    draw_finder(0, 0);
    draw_finder(size_ - 7, 0);
    draw_finder(0, size_ - 7);
    if (version > 1) draw_alignment(size_ - 7);
    draw_format(0);  // keeps the place
}

void QrCode::set_function(int x, int y, bool dark) {
    if (x < 0 || y < 0 || x >= size_ || y >= size_) return;
    modules_[index(x, y)] = function_bit | (dark ? dark_bit : 0);
}

void QrCode::draw_finder(int left, int top) {
    for (int dy = -1; dy <= 7; ++dy) {
        for (int dx = -1; dx <= 7; ++dx) {
            const int ring = std::max(std::abs(dx - 3), std::abs(dy - 3));
            set_function(left + dx, top + dy, ring != 2 && ring != 4);
        }
    }
}

void QrCode::draw_alignment(int centre) {
    for (int dy = -2; dy <= 2; ++dy) {
        for (int dx = -2; dx <= 2; ++dx)
            set_function(centre + dx, centre + dy, std::max(std::abs(dx), std::abs(dy)) != 1);
    }
}

/// Level M and the mask, with a BCH code, twice (section 7.9).
void QrCode::draw_format(int mask) {
    const int data = 0 << 3 | mask;  // M is 00
    int remainder = data;
    for (int i = 0; i < 10; ++i)
        remainder = remainder << 1 ^ (remainder >> 9) * 0x537;
    const int bits = (data << 10 | remainder) ^ 0x5412;
    const auto bit = [&](int i) { return (bits >> i & 1) != 0; };
    for (int i = 0; i <= 5; ++i)
        set_function(8, i, bit(i));
    set_function(8, 7, bit(6));
    set_function(8, 8, bit(7));
    set_function(7, 8, bit(8));
    for (int i = 9; i < 15; ++i)
        set_function(14 - i, 8, bit(i));
    for (int i = 0; i < 8; ++i)
        set_function(size_ - 1 - i, 8, bit(i));
    for (int i = 8; i < 15; ++i)
        set_function(8, size_ - 15 + i, bit(i));
    set_function(8, size_ - 8, true);
}

/// Upwards and downwards in columns of two, from the right, around what is not data.
void QrCode::draw_data(const std::vector<uint8_t>& codewords) {
    size_t position = 0;
    bool upward = true;
    for (int right = size_ - 1; right >= 1; right -= 2, upward = !upward) {
        if (right == 6) right = 5;  // the timing pattern's column
        for (int step = 0; step < size_; ++step) {
            const int y = upward ? size_ - 1 - step : step;
            for (int x = right; x >= right - 1; --x) {
                if ((modules_[index(x, y)] & function_bit) != 0 ||
                    position >= codewords.size() * 8) {
                    continue;
                }
                const bool dark = codewords[position / 8] >> (7 - position % 8) & 1;
                modules_[index(x, y)] = dark ? dark_bit : 0;
                ++position;
            }
        }
    }
}

void QrCode::apply_mask(int mask) {
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            uint8_t& module = modules_[index(x, y)];
            if ((module & function_bit) == 0 && is_inverted(mask, x, y)) module ^= dark_bit;
        }
    }
}

/// Runs of one colour, and what looks like a finder pattern (section 7.8.3, N1 and N3).
int QrCode::penalty_of_lines(bool rows) const {
    int sum = 0;
    for (int a = 0; a < size_; ++a) {
        int run = 0;
        unsigned last = 0;  // the last 11 modules
        for (int b = 0; b < size_; ++b) {
            const bool is_dark = rows ? dark(b, a) : dark(a, b);
            const bool same = b > 0 && is_dark == (last & 1);
            run = same ? run + 1 : 1;
            if (run == 5) sum += 3;
            if (run > 5) ++sum;
            last = (last << 1 | is_dark) & 0x7ff;
            if (b >= 10 && (last == 0x05d || last == 0x5d0)) sum += 40;
        }
    }
    return sum;
}

int QrCode::penalty() const {
    int sum = penalty_of_lines(true) + penalty_of_lines(false);
    int dark_ones = 0;
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            dark_ones += dark(x, y);
            if (x + 1 == size_ || y + 1 == size_) continue;
            const int square = dark(x, y) + dark(x + 1, y) + dark(x, y + 1) + dark(x + 1, y + 1);
            if (square == 0 || square == 4) sum += 3;
        }
    }
    const int all = size_ * size_;
    return sum + std::abs(dark_ones * 20 - all * 10) / all * 10;
}

}  // namespace bootwire::screen
