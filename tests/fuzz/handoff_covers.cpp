// A path, up to the first NUL, and a file of the disk that is shown with something in front: all of
// it is still there, and the path makes no line of a unit.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "handoff/cover.h"
#include "handoff/os_network.h"
#include "handoff/os_shutdown.h"

using namespace bootwire::handoff;

namespace {

void check_dhcpcd(std::string_view conf) {
    const std::string text = dhcpcd_conf_denying(conf, {"eth0.5", "eth0"});
    const std::string head = std::string(cover_note) + "denyinterfaces eth0.5 eth0\n";
    if (!text.starts_with(head)) std::abort();
    const std::string_view rest = std::string_view(text).substr(head.size());
    if (rest != conf && !conf.contains("waitip")) std::abort();
    if (std::ranges::count(rest, '\n') != std::ranges::count(conf, '\n')) std::abort();
}

void check_unit_of_dhcpcd(std::string_view unit) {
    const auto text = dhcpcd_unit_not_waiting(unit);
    if (text && dhcpcd_unit_not_waiting(*text)) std::abort();
}

/// What it left before is said again behind it, with ours.
void check_connman(std::string_view conf) {
    const auto text = connman_conf_without(conf, true, {"eth0"});
    if (!text || !text->starts_with(std::string(cover_note).append(conf)) ||
        (!text->ends_with(",eth0\n") && !text->ends_with("=eth0\n")) ||
        std::ranges::count(*text, '\n') != std::ranges::count(conf, '\n') + 5) {
        std::abort();
    }
}

void check_script(std::string_view script) {
    for (const Prologue& prologue : sysvinit_prologues()) {
        std::string text = with_prologue(script, prologue.text);
        const size_t at = text.find(prologue.text);
        if (at == text.npos) std::abort();
        // Behind the interpreter's line, which is the first.
        if (at > 0 && (!text.starts_with("#!") || text.find('\n') + 1 != at)) std::abort();
        if (text.erase(at, prologue.text.size()) != script) std::abort();
    }
}

void check_unit(const std::string& path) {
    const auto unit = mount_unit(path);
    if (!unit) return;
    constexpr std::string_view folder = "/run/systemd/system/";
    if (!unit->path.starts_with(folder) || !unit->path.ends_with(".mount")) std::abort();
    if (unit->path.find('/', folder.size()) != unit->path.npos) std::abort();
    const std::string& text = unit->content;
    if (std::ranges::count(text, '\n') != 9 || text.contains("\\\n")) std::abort();
    const size_t begin = text.find("\nWhere=/"), end = text.find("\nType=none\n");
    if (begin == text.npos || end == text.npos) std::abort();
    // Without specifiers it is the path.
    std::string where;
    for (size_t i = begin + 7; i < end; ++i) {
        where += text[i];
        if (text[i] == '%' && text[++i] != '%') std::abort();
    }
    if (where != path) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const size_t end = std::min(bytes.find('\0'), bytes.size());
    check_unit(std::string(bytes.substr(0, end)));
    const std::string_view file = bytes.substr(std::min(end + 1, bytes.size()));
    check_dhcpcd(file);
    check_unit_of_dhcpcd(file);
    check_connman(file);
    check_script(file);
    return 0;
}
