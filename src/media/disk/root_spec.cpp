#include "disk/root_spec.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::disk {

namespace {

using Kind = RootSpec::Kind;

constexpr size_t max_text = 255;
constexpr unsigned max_number = 256;

struct Tag {
    Kind kind;
    std::string_view tag;
    std::string_view folder;
};
constexpr std::array tags{
    Tag{Kind::partuuid, "PARTUUID", "by-partuuid"},
    Tag{Kind::uuid, "UUID", "by-uuid"},
    Tag{Kind::label, "LABEL", "by-label"},
    Tag{Kind::partlabel, "PARTLABEL", "by-partlabel"},
};

bool is_hex(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_hex_digit);
}

bool is_partuuid(std::string_view text) {
    const auto groups = split(text, '-');
    if (!std::ranges::all_of(groups, is_hex)) return false;
    if (groups.size() == 2) return groups[0].size() == 8 && groups[1].size() == 2;
    return groups.size() == 5 && groups[0].size() == 8 && groups[1].size() == 4 &&
           groups[2].size() == 4 && groups[3].size() == 4 && groups[4].size() == 12;
}

Result<RootSpec> tagged(const Tag& tag, std::string_view value) {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    const std::string name(tag.tag);
    if (value.empty()) return fail(name + "= has no value");
    if (value.size() > max_text) return fail(name + "= has a value of more than 255 bytes");
    RootSpec spec{tag.kind, std::string(value), 0};
    if (tag.kind == Kind::partuuid || tag.kind == Kind::uuid) {
        std::ranges::transform(spec.text, spec.text.begin(), to_lower);
    }
    if (tag.kind == Kind::partuuid && !is_partuuid(value)) {
        if (value.contains("/PARTNROFF=")) return fail("PARTNROFF= is not supported");
        return fail('"' + printable(value) +
                    "\" is no PARTUUID: those look like 1a2b3c4d-02 or like "
                    "1a2b3c4d-0011-2233-4455-66778899aabb");
    }
    return spec;
}

Result<RootSpec> numbered(std::string_view digits) {
    const auto number = parse_number<unsigned>(digits);
    if (!number || *number == 0 || *number > max_number) {
        return fail("partition numbers go from 1 to 256, not " + printable(digits, 20));
    }
    return RootSpec{Kind::partition_number, {}, *number};
}

/// A device name below /dev: letters and a number, or, where the disk's own name ends in a digit,
/// the disk's name, 'p' and a number.
Result<RootSpec> device(std::string_view name) {
    const std::string shown = "/dev/" + printable(name);
    const auto unknown = [&] {
        return fail(shown + " is not the name of a disk or a partition",
                    "use PARTUUID=, LABEL= or a partition number");
    };
    if (name.starts_with("mapper/") || name.starts_with("dm-") || name.starts_with("md")) {
        return fail(shown + " needs LVM, encryption or RAID, which bootwire does not set up");
    }
    if (name == "nfs" || name == "ram" || name == "ram0" || name == "cifs") {
        return fail(shown + " is not on a disk");
    }
    size_t end = name.size();
    while (end > 0 && is_digit(name[end - 1]))
        --end;
    const std::string_view stem = name.substr(0, end);
    const std::string_view digits = name.substr(end);
    if (!std::ranges::all_of(name, [](char c) { return is_digit(c) || is_lower(c); })) {
        return unknown();
    }
    for (const std::string_view disk : {"mmcblk", "nvme", "loop", "nbd"}) {
        if (!name.starts_with(disk)) continue;
        if (digits.empty()) return unknown();
        if (name.size() == disk.size() || !is_digit(name[disk.size()])) return unknown();
        // "nvme0n1" ends in a digit and is a disk; "nvme0n1p2" is a partition.
        const bool is_partition =
            stem.ends_with('p') && stem.size() > disk.size() && is_digit(stem[stem.size() - 2]);
        return is_partition ? numbered(digits) : RootSpec{};
    }
    for (const std::string_view disk : {"sd", "vd", "xvd", "hd"}) {
        if (!stem.starts_with(disk)) continue;
        const std::string_view letters = stem.substr(disk.size());
        if (letters.empty() || letters.size() > 3) return unknown();
        if (!std::ranges::none_of(letters, is_digit)) return unknown();
        return digits.empty() ? RootSpec{} : numbered(digits);
    }
    return unknown();
}

}  // namespace

std::string RootSpec::to_string() const {
    if (kind == Kind::whole_disk) return "whole";
    if (kind == Kind::partition_number) return std::to_string(number);
    for (const Tag& tag : tags) {
        if (tag.kind == kind) return std::string(tag.tag) + '=' + text;
    }
    return {};
}

Result<RootSpec> parse_root_spec(std::string_view text) {
    if (text.empty()) return fail("nothing is given");
    if (text == "whole") return RootSpec{};
    if (is_digit(text.front()) && std::ranges::all_of(text, is_digit)) return numbered(text);
    for (const Tag& tag : tags) {
        if (text.starts_with(tag.tag) && text.substr(tag.tag.size()).starts_with('=')) {
            return tagged(tag, text.substr(tag.tag.size() + 1));
        }
    }
    if (text.starts_with("/dev/disk/")) {
        const std::string_view rest = text.substr(10);
        for (const Tag& tag : tags) {
            if (rest.starts_with(tag.folder) && rest.substr(tag.folder.size()).starts_with('/')) {
                return tagged(tag, rest.substr(tag.folder.size() + 1));
            }
        }
    }
    if (text.starts_with("/dev/")) return device(text.substr(5));
    return fail('"' + printable(text) + "\" names no partition");
}

}  // namespace bootwire::disk
