#include "handoff/cover.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>

#include "base/ascii.h"
#include "handoff/in_root.h"
#include "os/file.h"

namespace bootwire::handoff {

namespace {

std::string source_of(std::string_view path) {
    std::string name(path);
    for (char& c : name)
        c = c == '/' ? '_' : c;
    return std::string("/run/") + covers_in_run + "/" + name;
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

/// systemd.unit(5), "String escaping for inclusion in unit names". path: absolute.
std::string unit_name(std::string_view path) {
    constexpr char hex_digits[] = "0123456789abcdef";
    std::string name;
    for (const char c : path.substr(1)) {
        const bool stays =
            is_letter_or_digit(c) || c == ':' || c == '_' || (c == '.' && !name.empty());
        if (c == '/') {
            name += '-';
        } else if (stays) {
            name += c;
        } else {
            name += "\\x";
            name += hex_digits[static_cast<unsigned char>(c) >> 4];
            name += hex_digits[c & 15];
        }
    }
    return name;
}

}  // namespace

Status cover(const std::string& root, const std::string& path, const std::string& content,
             unsigned mode) {
    const std::string source = source_of(path);
    if (auto done = make_directories(std::string("/run/") + covers_in_run); !done) return done;
    if (auto done = replace_file(source, content, mode); !done) return done;
    const Fd below = open_in_root(root, path, O_PATH);
    if (mount(source.c_str(), path_of(below).c_str(), nullptr, MS_BIND, nullptr) != 0) {
        return fail_errno("cannot cover " + path);
    }
    const Fd covered = open_in_root(root, path, O_PATH);  // what is on top now
    constexpr unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV;
    if (mount(nullptr, path_of(covered).c_str(), nullptr, flags, nullptr) != 0) {
        return fail_errno("cannot make the cover of " + path + " read-only");
    }
    return {};
}

std::optional<NewFile> mount_unit(std::string_view path) {
    const bool usable = path.starts_with('/') && std::ranges::none_of(path, is_control) &&
                        !path.ends_with(' ') && !path.ends_with('\\');
    if (!usable) return std::nullopt;
    std::string escaped;  // systemd.unit(5): specifiers begin with %
    for (const char c : path)
        escaped += c == '%' ? "%%" : std::string(1, c);
    return NewFile{"/run/systemd/system/" + unit_name(path) + ".mount",
                   "[Unit]\nDescription=" + escaped +
                       " as bootwire shows it\nDefaultDependencies=no\n\n"
                       "[Mount]\nWhat=" +
                       source_of(escaped) + "\nWhere=" + escaped +
                       "\nType=none\nOptions=bind,ro\n"};
}

}  // namespace bootwire::handoff
