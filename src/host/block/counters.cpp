#include "block/counters.h"

#include <unistd.h>

#include "base/text.h"

namespace bootwire::block {

namespace {

constexpr uint64_t sector = 512;

// Fields of the text, from 0.
constexpr size_t reads = 0, sectors_read = 2, writes = 4, sectors_written = 6, in_flight = 8;

}  // namespace

std::optional<Counters> parse_counters(std::string_view stat) {
    const auto fields = split_words(stat);
    if (fields.size() <= in_flight) return std::nullopt;
    bool all_are_numbers = true;
    const auto number = [&](size_t field) {
        const auto value = parse_number<uint64_t>(fields[field]);
        all_are_numbers &= value.has_value();
        return value.value_or(0);
    };
    const Counters counters{number(reads), number(sectors_read) * sector, number(writes),
                            number(sectors_written) * sector, number(in_flight)};
    if (!all_are_numbers) return std::nullopt;
    return counters;
}

std::optional<Counters> read_counters(const Fd& stat) {
    char text[512];
    const ssize_t count = pread(stat.get(), text, sizeof text, 0);
    if (count <= 0) return std::nullopt;
    return parse_counters({text, static_cast<size_t>(count)});
}

}  // namespace bootwire::block
