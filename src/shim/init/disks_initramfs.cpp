#include "init/disks_initramfs.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr size_t largest_initramfs = 512 << 20;
constexpr Milliseconds most_time = std::chrono::minutes(10);  // for one archive

/// Bytes for all archives together. Each is there up to four times: as it was read, among the
/// others, as a file for the kernel, and in the kernel's hands.
size_t room_for_initramfs() {
    const auto text = read_file("/proc/meminfo");
    constexpr std::string_view label = "MemAvailable:";
    const size_t at = text ? text->find(label) : std::string::npos;
    if (at == std::string::npos) return largest_initramfs;
    const auto words = split_words(std::string_view(*text).substr(at + label.size(), 40));
    const auto kilobytes = words.empty() ? std::nullopt : parse_number<size_t>(words.front());
    return kilobytes ? std::min(largest_initramfs, *kilobytes * 1024 / 4) : largest_initramfs;
}

}  // namespace

void append_archive(std::string& initramfs, std::string_view archive) {
    initramfs.append((4 - initramfs.size() % 4) % 4, '\0');
    initramfs += archive;
}

Result<std::string> read_initramfs(const bootfiles::BootFiles& files,
                                   const bootfiles::Folder& folder, board::Watchdog& watchdog) {
    const size_t room = room_for_initramfs();
    std::string initramfs;
    for (const std::string& path : files.initramfs) {
        watchdog.expect_progress_within(most_time);
        if (initramfs.size() >= room) {
            return fail("the disk's initramfs archives do not fit into this board's memory",
                        "have config.txt name fewer, or boot with iscsi.mode=pivot");
        }
        const auto part = folder.read(path, room - initramfs.size());
        if (!part) return std::unexpected(part.error());
        append_archive(initramfs, *part);
    }
    return initramfs;
}

Result<kexec::InitramfsAbility> examine(const std::string& initramfs,
                                        const bootfiles::BootFiles& files) {
    if (files.initramfs.empty()) return kexec::InitramfsAbility{};
    auto ability = kexec::examine_initramfs(bytes_of(initramfs));
    if (ability) return ability;
    Error error = std::move(ability.error());
    error.what = "the initramfs " + printable(files.initramfs.front(), 120) + " " + error.what;
    if (error.hint.empty()) error.hint = "make it anew, or boot with iscsi.mode=pivot";
    return std::unexpected(std::move(error));
}

}  // namespace bootwire::init
