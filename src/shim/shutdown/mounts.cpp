#include "shutdown/mounts.h"

#include <algorithm>

#include "base/text.h"

namespace bootwire::shutdown {

namespace {

constexpr size_t target_field = 4;          // fields of a line, from 0
constexpr size_t first_optional_field = 6;  // where the fields begin that "-" ends

/// Blanks, tabs, line ends and backslashes are written as a backslash and three octal digits.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto code = text[i] == '\\' && i + 3 < text.size()
                              ? parse_number<unsigned char>(text.substr(i + 1, 3), 8)
                              : std::nullopt;
        plain += code ? static_cast<char>(*code) : text[i];
        if (code) i += 3;
    }
    return plain;
}

bool is_at_or_below(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

bool has_option(std::string_view options, std::string_view option) {
    const auto all = split(options, ',');
    return std::ranges::find(all, option) != all.end();
}

}  // namespace

bool Mount::is_on(std::string_view disk) const {
    std::string_view device = source;
    if (disk.empty() || !device.starts_with("/dev/")) return false;
    device.remove_prefix(5);
    if (!device.starts_with(disk)) return false;
    return device.find_first_not_of("p0123456789", disk.size()) == device.npos;
}

std::vector<Mount> parse_mountinfo(std::string_view text) {
    std::vector<Mount> mounts;
    for (const std::string_view line : split(text, '\n')) {
        const auto fields = split(line, ' ');
        if (fields.size() <= first_optional_field) continue;
        const auto dash = std::find(fields.begin() + first_optional_field, fields.end(), "-");
        if (fields.end() - dash < 4) continue;  // type, source, options of the file system
        mounts.push_back({unescaped(fields[target_field]), std::string(dash[1]), unescaped(dash[2]),
                          has_option(fields[target_field + 1], "ro") || has_option(dash[3], "ro")});
    }
    return mounts;
}

std::vector<Mount> to_unmount(std::vector<Mount> mounts, std::string_view old_root) {
    const bool moved = std::ranges::find(mounts, old_root, &Mount::target) != mounts.end();
    std::vector<Mount> ordered;
    for (Mount& mount : mounts) {
        const bool goes = moved ? is_at_or_below(mount.target, old_root)
                                : mount.target != "/" && mount.is_on_a_device();
        if (!goes) continue;
        // What is below another has the longer path; of two at the same place the later one lies
        // above.
        const auto place = std::ranges::find_if(ordered, [&](const Mount& other) {
            return other.target.size() <= mount.target.size();
        });
        ordered.insert(place, std::move(mount));
    }
    return ordered;
}

}  // namespace bootwire::shutdown
