#include "handoff/os_overlay.h"

#include <optional>

#include "base/text.h"
#include "handoff/mounted_folder.h"
#include "topics/topic.h"

namespace bootwire::handoff {

namespace {

constexpr std::string_view name = "overlayroot=";
constexpr size_t largest_conf = 64 * 1024;
// The later one wins, as in the initramfs's script.
constexpr const char* conf_files[] = {"/etc/overlayroot.conf", "/etc/overlayroot.local.conf"};

std::string_view without_quotes(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                        (text.front() == '"' || text.front() == '\'');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The last value that the shell would have for overlayroot; nothing if no line sets it.
std::optional<std::string_view> value_in(std::string_view conf) {
    std::optional<std::string_view> value;
    for (const std::string_view raw : split(conf, '\n')) {
        const std::string_view line = trim(raw);
        if (line.starts_with(name)) value = without_quotes(trim(line.substr(name.size())));
    }
    return value;
}

}  // namespace

std::string overlay_in_conf(std::string_view conf) {
    const std::string_view value = value_in(conf).value_or("");
    if (value.empty() || value.starts_with("disabled")) return {};
    return std::string(name) + std::string(value);
}

OverlayWish overlay_wish(const std::string& root) {
    OverlayWish wish;
    for (const char* path : conf_files) {
        const auto conf = MountedFolder(root).read(path, largest_conf);
        if (conf && value_in(*conf)) wish = {overlay_in_conf(*conf), path};
    }
    return wish;
}

Error not_to_be_written_to(const OverlayWish& wish) {
    return about(Topic::overlay_wanted,
                 fail("the disk is not to be written to, but through an overlay in memory (" +
                          printable(wish.word, 80) + " in its " + printable(wish.place, 80) +
                          "), which only its own initramfs makes",
                      "have its config.txt name the initramfs (auto_initramfs=1), or set "
                      "iscsi.overlay=ram, or take the word out of there: then the disk is written "
                      "to"))
        .error();
}

}  // namespace bootwire::handoff
