// An image of an EEPROM, as patches on erased flash: a byte for its size, then {place in 65536ths
// of it, length, content} with two bytes for each number. Whatever it is, changing its
// configuration changes nothing else, and leaves a chain of the same sections.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "eeprom/check.h"
#include "eeprom/release.h"
#include "eeprom/update.h"

namespace {

using namespace bootwire;
using namespace bootwire::eeprom;

std::vector<uint8_t> flash(const uint8_t* data, size_t size) {
    const size_t whole = size > 0 && (data[0] & 1) != 0 ? 2 * 1024 * 1024 : 512 * 1024;
    std::vector<uint8_t> bytes(whole, 0xff);
    Reader reader(Bytes(data, size).subspan(size > 0 ? 1 : 0));
    while (true) {
        const auto place = reader.be16();
        const auto length = reader.be16();
        if (!place || !length) return bytes;
        const auto content = reader.take(std::min<size_t>(*length, reader.remaining()));
        const size_t at = *place * (whole / 65536);
        const size_t fits = std::min(content->size(), whole - at);
        std::copy_n(content->begin(), fits, bytes.begin() + static_cast<ptrdiff_t>(at));
    }
}

void expect(bool holds) {
    if (!holds) std::abort();
}

std::vector<uint8_t> copy(const Image& image) {
    return {image.bytes().begin(), image.bytes().end()};
}

void check_replaced(const Image& before, const Image& after, std::string_view text) {
    expect(after.configuration().value_or("none") == text);
    const auto& old = before.sections();
    const auto& now = after.sections();
    const auto is_file = [](const Section& section) { return section.kind != Kind::padding; };
    expect(std::ranges::count_if(old, is_file) == std::ranges::count_if(now, is_file));
    size_t next = 0;
    for (const Section& section : old) {
        if (!is_file(section)) continue;
        while (!is_file(now[next]))
            ++next;
        expect(now[next].offset == section.offset && now[next].name == section.name);
        const bool is_changed =
            section.kind == Kind::file && section.name == configuration_name &&
            before.configuration()->data() == text_of(before.content(section)).data();
        if (!is_changed) {
            expect(now[next] == section);
            expect(std::ranges::equal(before.content(section), after.content(now[next])));
        }
        ++next;
    }
    if (before.has_two_partitions()) {
        constexpr size_t second = 0x107000;
        expect(std::ranges::equal(before.bytes().subspan(second), after.bytes().subspan(second)));
        expect(std::ranges::equal(before.bytes().first(0x10000), after.bytes().first(0x10000)));
    }
}

void replace(const Image& image, size_t size) {
    Image changed = image;
    const std::string text(size, '#');
    const bool fits = size <= image.largest_configuration() && image.configuration();
    if (changed.replace_configuration(text)) {
        expect(fits);
        check_replaced(image, changed, text);
    } else {
        expect(copy(changed) == copy(image));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto parsed = Image::parse(flash(data, size));
    if (!parsed) {
        expect(!parsed.error().what.empty() && !parsed.error().hint.empty());
        return 0;
    }
    expect(check_sections(*parsed).size() == parsed->sections().size());
    (void)release_of(*parsed);
    (void)owners_signature(*parsed);
    const size_t largest = parsed->largest_configuration();
    for (const size_t length : {size_t{0}, largest / 2, largest, largest + 1})
        replace(*parsed, length);
    Image timed = *parsed;
    if (timed.set_update_time(1790000000)) {
        expect(timed.update_time() == 1790000000);
    } else {
        expect(copy(timed) == copy(*parsed));
    }
    return 0;
}
