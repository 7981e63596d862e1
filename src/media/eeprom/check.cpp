#include "eeprom/check.h"

#include <algorithm>

#include "base/text.h"
#include "eeprom/sha256.h"
#include "eeprom/unpack.h"
#include "eeprom/update.h"

namespace bootwire::eeprom {

namespace {

using Verdict = Finding::Verdict;

bool all_are(Bytes bytes, uint8_t value) {
    return std::ranges::all_of(bytes, [=](uint8_t byte) { return byte == value; });
}

Finding check_packed(const Section& section, Bytes content) {
    constexpr size_t sum_size = Sha256{}.size();
    if (content.size() < sum_size) return {Verdict::damaged, "it is too short for its SHA-256"};
    const Bytes packed = content.first(content.size() - sum_size);
    const Bytes sum = content.last(sum_size);
    const auto unpacked =
        section.kind == Kind::lz4_file ? unpack_lz4(packed) : unpack_pairs(packed);
    if (!unpacked) return {Verdict::damaged, "it can't be unpacked"};
    if (!std::ranges::equal(sha256(*unpacked), sum)) {
        return {Verdict::damaged, "what is packed is not of the SHA-256 behind it"};
    }
    return {Verdict::whole, "SHA-256 of the " + std::to_string(unpacked->size()) + " bytes in it"};
}

/// Of a signed image: the SHA-256 of the configuration, and a signature of that.
Finding check_signature(const Image& image, Bytes content) {
    const auto signature = parse_signature(text_of(content));
    if (!signature) return {Verdict::damaged, signature.error().what};
    const auto text = image.configuration();
    if (!text) return {Verdict::not_checked, "there is no bootconf.txt that it could be of"};
    if (signature->sha256 != hex(sha256(bytes_of(*text)))) {
        return {Verdict::damaged, "it is of another bootconf.txt"};
    }
    return {Verdict::not_checked,
            "SHA-256 of bootconf.txt is right; the signature is the bootloader's to check"};
}

Finding check_file(const Image& image, const Section& section) {
    const Bytes content = image.content(section);
    if (section.name == configuration_name) {
        if (std::ranges::find(content, 0) != content.end()) {
            return {Verdict::damaged, "there is a NUL byte in the text"};
        }
        return {Verdict::not_checked, "a text without a checksum"};
    }
    if (all_are(content, 0) || all_are(content, 0xff)) return {Verdict::whole, "empty"};
    if (section.name == "bootconf.sig") return check_signature(image, content);
    if (section.name == "updatetime") {
        const bool sound =
            content.size() >= 8 && (load_le32(&content[0]) == ~load_le32(&content[4]));
        return sound ? Finding{Verdict::whole, "a time and its complement"}
                     : Finding{Verdict::damaged, "its time is not what its complement says"};
    }
    return {Verdict::not_checked, "a file without a checksum"};
}

Finding check_section(const Image& image, const Section& section) {
    switch (section.kind) {
        case Kind::code:
            return {Verdict::not_checked, "its signature is the boot ROM's to check"};
        case Kind::file:
            return check_file(image, section);
        case Kind::hidden_file:
            return {Verdict::not_checked, "its checksum has a key that only the bootloader knows"};
        case Kind::packed_file:
        case Kind::lz4_file:
            return check_packed(section, image.content(section));
        case Kind::padding:
            return all_are(image.content(section), 0xff)
                       ? Finding{Verdict::whole, "as erased flash is"}
                       : Finding{Verdict::not_checked, "it is not empty, and nobody reads it"};
    }
    return {Verdict::not_checked, "of a kind that is later than this program"};
}

}  // namespace

std::vector<Finding> check_sections(const Image& image) {
    std::vector<Finding> findings;
    for (const Section& section : image.sections())
        findings.push_back(check_section(image, section));
    return findings;
}

}  // namespace bootwire::eeprom
