#include "eeprom/image.h"

#include <algorithm>
#include <cstdio>
#include <ranges>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::eeprom {

namespace {

constexpr size_t size_2711 = 512 * 1024;
constexpr size_t size_2712 = 2 * 1024 * 1024;
constexpr size_t header_size = 8;
constexpr size_t name_size = 16;
constexpr size_t content_offset = header_size + name_size;
constexpr size_t erase_page = 4096;  ///< the last one is the bootloader's own
constexpr size_t most_content = 4076;

constexpr uint32_t kind_mask = 0xfffff00f;
constexpr uint32_t no_more = 0;
constexpr uint32_t erased = 0xffffffff;

/// The layout of 2026; rpi-eeprom-config looks for bootconf.txt only in there, in all images.
constexpr size_t first_partition = 64 * 1024;
constexpr size_t second_partition = first_partition + 988 * 1024;
constexpr std::string_view partition_start = "bootsys";
constexpr std::string_view update_time_name = "updatetime";

std::string hex(size_t number) {
    char text[20];
    std::snprintf(text, sizeof text, "0x%zx", number);
    return text;
}

std::unexpected<Error> damaged(size_t offset, std::string_view why) {
    return fail("the image is damaged at " + hex(offset) + ": " + std::string(why),
                "get the image anew, and compare its SHA-256 with that of its source");
}

std::unexpected<Error> not_understood(std::string_view why) {
    return fail("the image is not changed, since it is not understood: " + std::string(why),
                "change it by rpi-eeprom-config of its own release");
}

/// Nothing if the bytes are no name.
std::optional<std::string> read_name(Bytes field) {
    std::string_view name = text_of(field);
    name = name.substr(0, name.find_last_not_of('\0') + 1);
    if (name.empty() || !std::ranges::all_of(name, is_graphic)) return std::nullopt;
    return std::string(name);
}

Result<Section> read_section(Bytes bytes, size_t offset) {
    Section section;
    const uint32_t word = load_be32(&bytes[offset]);
    section.kind = static_cast<Kind>(word);
    section.offset = static_cast<uint32_t>(offset);
    section.length = load_be32(&bytes[offset + 4]);
    if ((word & kind_mask) != static_cast<uint32_t>(Kind::code)) {
        return damaged(offset, "no section begins there");
    }
    if (section.length > bytes.size() - offset - header_size) {
        return damaged(offset, "the section there is longer than the image");
    }
    if (!section.has_name()) return section;
    if (section.length < name_size) return damaged(offset, "the file there has no name");
    auto name = read_name(bytes.subspan(offset + header_size, name_size));
    if (!name) return damaged(offset, "the file there has no name that can be read");
    section.name = std::move(*name);
    return section;
}

/// All that is free becomes as erased flash is; so that the chain goes on, under a header where
/// there is room for one and something follows.
void pad(std::vector<uint8_t>& bytes, size_t from, size_t to, bool with_section) {
    std::fill(bytes.begin() + static_cast<ptrdiff_t>(from),
              bytes.begin() + static_cast<ptrdiff_t>(to), uint8_t{0xff});
    from = (from + 7) & ~size_t{7};
    if (!with_section || to < from + header_size) return;
    store_be32(&bytes[from], static_cast<uint32_t>(Kind::padding));
    store_be32(&bytes[from + 4], static_cast<uint32_t>(to - from - header_size));
}

/// Whether all that is no padding begins where it did.
bool have_same_files(const std::vector<Section>& before, const std::vector<Section>& after) {
    const auto is_used = [](const Section& section) { return section.kind != Kind::padding; };
    return std::ranges::equal(before | std::views::filter(is_used),
                              after | std::views::filter(is_used), {}, &Section::offset,
                              &Section::offset);
}

std::optional<uint32_t> load_time(const uint8_t* from) {
    const uint32_t inverted = load_le32(from);
    const uint32_t seconds = load_le32(from + 4);
    if (seconds != ~inverted || seconds == erased) return std::nullopt;
    return seconds;
}

void store_time(uint8_t* to, uint32_t seconds) {
    store_le32(to, ~seconds);
    store_le32(to + 4, seconds);
}

}  // namespace

std::string_view name_of(Chip chip) {
    return chip == Chip::bcm2711 ? "2711" : "2712";
}

bool Section::has_name() const {
    return kind == Kind::file || kind == Kind::hidden_file || kind == Kind::packed_file ||
           kind == Kind::lz4_file;
}

Image::Image(std::vector<uint8_t> bytes, std::vector<Section> sections, bool two_partitions)
    : bytes_(std::move(bytes)), sections_(std::move(sections)), two_partitions_(two_partitions) {}

Result<Image> Image::parse(std::vector<uint8_t> bytes) {
    if (bytes.size() != size_2711 && bytes.size() != size_2712) {
        return fail("an image of a bootloader EEPROM has 524288 or 2097152 bytes, and this has " +
                        std::to_string(bytes.size()),
                    "give the file pieeprom-….bin itself");
    }
    std::vector<Section> sections;
    for (size_t offset = 0; offset < bytes.size();) {
        const uint32_t word = load_be32(&bytes[offset]);
        if (word == no_more || word == erased) break;
        auto section = read_section(bytes, offset);
        if (!section) return std::unexpected(std::move(section.error()));
        offset = section->end();
        sections.push_back(std::move(*section));
    }
    if (sections.empty() || sections.front().kind != Kind::code) {
        return damaged(0, "it does not begin with the bootloader's code");
    }
    const bool two =
        bytes.size() == size_2712 && std::ranges::any_of(sections, [](const Section& section) {
            return section.offset == first_partition && section.kind == Kind::file &&
                   section.name == partition_start;
        });
    return Image(std::move(bytes), std::move(sections), two);
}

Chip Image::chip() const {
    return bytes_.size() == size_2711 ? Chip::bcm2711 : Chip::bcm2712;
}

size_t Image::end() const {
    return sections_.back().end();
}

Bytes Image::content(const Section& section) const {
    const size_t name = section.has_name() ? name_size : 0;
    return bytes().subspan(section.offset + header_size + name, section.length - name);
}

const Section* Image::find(std::string_view name) const {
    const auto found = std::ranges::find(sections_, name, &Section::name);
    return found == sections_.end() ? nullptr : &*found;
}

Result<size_t> Image::configuration_index() const {
    const size_t end = two_partitions_ ? second_partition : bytes_.size();
    std::optional<size_t> found;
    for (size_t i = 0; i < sections_.size(); ++i) {
        const Section& section = sections_[i];
        if (section.name == partition_start && !two_partitions_) {
            return not_understood("its bootsys is not where the layout of 2026 has it");
        }
        if (two_partitions_ && section.offset < end && section.end() > end) {
            return not_understood(
                "its first partition runs into the second one, as older versions "
                "of rpi-eeprom-config make it");
        }
        if (section.end() > bytes_.size() - erase_page && section.offset < end &&
            section.kind != Kind::padding) {
            return not_understood("it uses the last 4 KiB, which are the bootloader's own");
        }
        if (section.name != configuration_name || section.offset >= end) continue;
        if (found) return not_understood("it has more than one bootconf.txt");
        found = i;
    }
    if (!found) return not_understood("it has no bootconf.txt");
    const Section& section = sections_[*found];
    if (section.kind != Kind::file) return not_understood("its bootconf.txt is packed");
    if (section.offset < first_partition || section.offset >= second_partition) {
        return not_understood("its bootconf.txt is where no bootloader looks for it");
    }
    return *found;
}

/// As far as bootconf.txt may grow: up to the next section that is not padding.
size_t Image::room_end(size_t index) const {
    const size_t limit = std::min(bytes_.size() - erase_page, second_partition);
    for (size_t i = index + 1; i < sections_.size(); ++i) {
        if (two_partitions_ && sections_[i].offset >= second_partition) break;
        if (sections_[i].kind != Kind::padding) return sections_[i].offset;
    }
    return limit;
}

Result<std::string_view> Image::configuration() const {
    const auto index = configuration_index();
    if (!index) return std::unexpected(index.error());
    return text_of(content(sections_[*index]));
}

size_t Image::largest_configuration() const {
    const auto index = configuration_index();
    if (!index) return 0;
    const size_t begin = sections_[*index].offset + content_offset;
    const size_t end = room_end(*index);
    return end > begin ? std::min(most_content, end - begin) : 0;
}

Status Image::replace_configuration(std::string_view text) {
    const auto index = configuration_index();
    if (!index) return std::unexpected(index.error());
    if (text.size() > largest_configuration()) {
        return fail("the configuration has " + std::to_string(text.size()) +
                        " bytes, and this image has room for " +
                        std::to_string(largest_configuration()),
                    "leave out comments, or take a newer image");
    }
    const size_t begin = sections_[*index].offset;
    const bool last = *index + 1 == sections_.size();
    std::vector<uint8_t> changed = bytes_;
    store_be32(&changed[begin + 4], static_cast<uint32_t>(name_size + text.size()));
    std::ranges::copy(bytes_of(text), &changed[begin + content_offset]);
    pad(changed, begin + content_offset + text.size(), room_end(*index), !last);

    auto image = parse(std::move(changed));
    if (!image || !have_same_files(sections_, image->sections_)) {
        return not_understood("what follows its bootconf.txt would be taken for sections");
    }
    *this = std::move(*image);
    return {};
}

const Section* Image::update_time_file(size_t from, size_t to) const {
    for (const Section& section : sections_) {
        if (section.kind == Kind::file && section.name == update_time_name &&
            section.offset >= from && section.offset < to && section.length >= name_size + 8) {
            return &section;
        }
    }
    return nullptr;
}

std::optional<uint32_t> Image::update_time() const {
    const Section* file = update_time_file(0, first_partition);
    const size_t at = file != nullptr ? file->offset + content_offset : bytes_.size() - 8;
    const auto seconds = load_time(&bytes_[at]);
    // Nobody flashed in 1970: it stands for "never".
    return seconds && *seconds != 0 ? seconds : std::nullopt;
}

Status Image::set_update_time(uint32_t seconds) {
    const Section* file = update_time_file(0, first_partition);
    if (file == nullptr) {
        store_time(&bytes_[bytes_.size() - 8], seconds);
        return {};
    }
    const Section* of_partition = update_time_file(first_partition, second_partition);
    if (of_partition == nullptr) return not_understood("its partition has no updatetime");
    store_time(&bytes_[file->offset + content_offset], seconds);
    store_time(&bytes_[of_partition->offset + content_offset], seconds);
    return {};
}

}  // namespace bootwire::eeprom
