#include "init/boot_search.h"

#include <utility>

#include "base/text.h"
#include "handoff/mounted_folder.h"
#include "init/packed_modules.h"
#include "init/partition_node.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

constexpr char mount_point[] = "/boot-partition";
constexpr size_t most_linux_partitions = 8;

struct Search {
    const disk::Layout& layout;
    bool kernel_is_wanted;
    bool initramfs_may_be_wanted;
    const board::Board& board;
    board::Watchdog& watchdog;
    RootDisk& found;
    bool has_tryboot = false;
};

/// A partition with files that say something, for as long as it is mounted.
struct Place {
    handoff::MountRequest request;
    handoff::TemporaryMount mounted;
    bootfiles::Board board;

    handoff::MountedFolder folder() const { return handoff::MountedFolder(mounted.path()); }
    std::string name() const { return "partition " + std::to_string(board.partition); }
};

bool is_fat(const disk::Volume& volume) {
    return volume.file_system && volume.file_system->use == disk::FileSystemUse::fat;
}

bool is_ext(const disk::Volume& volume) {
    return volume.file_system && volume.file_system->use == disk::FileSystemUse::root &&
           volume.file_system->type.starts_with("ext");
}

/// Nothing, and a warning, if it cannot be mounted. A journal stays as it is: it may be another
/// one's who is to have the disk for reading only.
Result<std::optional<Place>> open_place(Search& search, const disk::Volume& volume) {
    const unsigned number = volume.partition.number;
    auto node = wait_for_partition(search.found.device, number, search.watchdog);
    if (!node) return std::unexpected(node.error());
    const std::string& type = volume.file_system->type;
    const bool has_journal = is_ext(volume) && type != "ext2";
    handoff::MountRequest request{std::move(*node), mount_point, type, has_journal ? "noload" : "",
                                  true};
    auto mounted = handoff::TemporaryMount::mount(request);
    if (!mounted) {
        log::warning(mounted.error().to_string());
        return std::nullopt;
    }
    const board::Board& board = search.board;
    return Place{std::move(request),
                 std::move(*mounted),
                 {board.revision, board.serial, number, board.second_stepping}};
}

/// The partition that the firmware boots from: the first with a FAT file system, or the one that
/// autoboot.txt names there.
Result<std::optional<Place>> open_boot_partition(Search& search) {
    const disk::Volume* first = search.layout.boot_partition();
    if (first == nullptr) return std::nullopt;
    auto place = open_place(search, *first);
    if (!place || !*place) return place;
    const auto autoboot = bootfiles::read_autoboot((*place)->folder(), (*place)->board);
    search.has_tryboot = autoboot.has_tryboot;
    if (!autoboot.partition || *autoboot.partition == first->partition.number) return place;
    const std::string wish =
        "autoboot.txt names partition " + std::to_string(*autoboot.partition) + " to boot from";
    const disk::Volume* other = search.layout.find(*autoboot.partition);
    if (other == nullptr || !is_fat(*other)) {
        log::warning(wish + ", which has no FAT file system: " + (*place)->name() + " counts");
        return place;
    }
    log::info(wish);
    place->reset();  // the next one is mounted there
    return open_place(search, *other);
}

void take_words(const std::string& text, const std::string& where, const Place& place,
                RootDisk& found) {
    found.command_line = plan::read_disk_cmdline(text);
    found.command_line_place = where;
    log::info("the disk's command line is in " + printable(where, 160) + " on " + place.name());
    if (found.command_line.further_lines)
        log::warning(printable(where, 160) + " has more than one line; the first one counts");
}

void take_words(const bootfiles::DiskWords& words, const Place& place, RootDisk& found) {
    for (const std::string& note : words.notes)
        log::warning(note);
    if (!words.place.empty()) take_words(words.text, words.place, place, found);
}

/// Where our kernel is to run, files are of use if an initramfs is among them. What is wrong with
/// them is nobody's concern then.
void note_initramfs(Search& search, const Place& place, Result<bootfiles::BootFiles> files) {
    if (!search.initramfs_may_be_wanted || !files || files->initramfs.empty()) return;
    search.found.boot_place = place.request;
    search.found.boot_files = std::move(files);
}

/// Returns whether the other partitions may say something that counts more.
bool take_as_firmware(Search& search, const Place& place) {
    const auto folder = place.folder();
    search.has_tryboot = search.has_tryboot || bootfiles::has_tryboot(folder, place.board);
    const auto words = bootfiles::find_words(folder, place.board);
    bool says_nothing = words.place.empty();
    if (search.kernel_is_wanted) {
        search.found.boot_place = place.request;
        const auto& files =
            search.found.boot_files.emplace(bootfiles::find_boot_files(folder, place.board));
        if (files) {
            const std::string& where = files->command_line_place;
            if (!where.empty()) take_words(files->command_line, where, place, search.found);
            return false;
        }
        says_nothing = !folder.exists("config.txt");
    } else {
        note_initramfs(search, place, bootfiles::find_boot_files(folder, place.board));
    }
    take_words(words, place, search.found);
    return words.loader_elsewhere || says_nothing;
}

/// Returns whether there was something.
bool take_as_boot_loader(Search& search, const Place& place) {
    const auto folder = place.folder();
    const auto words = bootfiles::find_loader_words(folder, place.board);
    if (!words) return false;
    if (search.kernel_is_wanted) {
        search.found.boot_place = place.request;
        search.found.boot_files = bootfiles::find_loader_files(folder, place.board);
    } else {
        note_initramfs(search, place, bootfiles::find_loader_files(folder, place.board));
    }
    take_words(*words, place, search.found);
    return true;
}

Status ask_linux_partitions(Search& search) {
    std::vector<disk::Volume> volumes = search.layout.volumes;
    if (search.layout.whole_disk) volumes.push_back({{}, search.layout.whole_disk});
    size_t looked_at = 0;
    for (const disk::Volume& volume : volumes) {
        if (!is_ext(volume) || ++looked_at > most_linux_partitions) continue;
        const auto place = open_place(search, volume);
        if (!place) return std::unexpected(place.error());
        if (*place && take_as_boot_loader(search, **place)) return {};
    }
    return {};
}

}  // namespace

Status look_at_boot_files(const disk::Layout& layout, const plan::Plan& plan,
                          const board::Board& board, board::Watchdog& watchdog, RootDisk& found) {
    if (const auto words = packed_disk_words()) {  // the first of our two runs has looked
        found.command_line = plan::read_disk_cmdline(*words);
        found.command_line_place = "own command line";
        return {};
    }
    Search search{layout,
                  plan.mode.value == plan::Mode::kexec,
                  plan.initramfs.value != plan::InitramfsUse::never,
                  board,
                  watchdog,
                  found};
    bool ask_others = true;
    {
        const auto place = open_boot_partition(search);
        if (!place) return std::unexpected(place.error());
        if (*place) ask_others = take_as_firmware(search, **place);
    }
    if (search.has_tryboot) {
        log::info(
            "the disk has updates that are tried by tryboot, which does not reach a disk behind "
            "bootwire: they stay untried; docs/disks.md tells how to adopt one by hand");
    }
    return ask_others ? ask_linux_partitions(search) : Status();
}

}  // namespace bootwire::init
