#include "init/card.h"

#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "handoff/mount.h"
#include "plan/settings_file.h"

namespace bootwire::init {

namespace {

constexpr char kCard[] = "/dev/mmcblk0p1";
constexpr char kCommandLine[] = "/cmdline.txt";
constexpr size_t kLongest = 16 * 1024;

/// The firmware puts words of its own before those of cmdline.txt, and leaves none of them out.
bool was_started_from(const plan::CommandLine& on_card, const plan::CommandLine& running) {
    return std::ranges::all_of(on_card.words(),
                               [&](const plan::Word& word) { return running.has(word.name); });
}

}  // namespace

bool has_own_card() {
    return access(kCard, R_OK) == 0;
}

Status keep_on_card(const plan::CommandLine& settings, const plan::CommandLine& running) {
    const auto mounted =
        handoff::TemporaryMount::mount({kCard, "/card", "vfat", "sync,umask=0077,quiet", false});
    if (!mounted) return std::unexpected(mounted.error());
    const std::string path = mounted->path() + kCommandLine;
    const auto old = read_file(path, kLongest);
    if (!old) return std::unexpected(old.error());
    const auto on_card = plan::CommandLine::parse(old->substr(0, old->find_first_of("\r\n")));
    if (!was_started_from(on_card, running)) {
        return fail("the SD card is not the one that this Pi started from",
                    "its cmdline.txt says something else");
    }
    const std::string changed = plan::with_settings(*old, settings);
    const auto read_again = plan::CommandLine::parse(changed);
    for (const plan::Word& word : settings.words()) {
        const auto same = [&](const plan::Word& other) {
            return plan::same_parameter(other.name, word.name) && other.value == word.value;
        };
        if (std::ranges::none_of(read_again.words(), same)) {
            return fail(word.name + "= has a value that cmdline.txt cannot have");
        }
    }
    if (auto kept = replace_file(mounted->path() + "/cmdline.bak", *old); !kept) return kept;
    if (auto written = replace_file(path, changed); !written) return written;
    const auto verified = read_file(path, kLongest + settings.words().size() * 1024);
    if (!verified || *verified != changed) return fail("the SD card did not keep cmdline.txt");
    return {};
}

}  // namespace bootwire::init
