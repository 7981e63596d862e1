#include "overlay/ram_overlay.h"

#include <sys/sysinfo.h>
#include <unistd.h>

#include <utility>

#include "base/text.h"
#include "board/modules.h"
#include "os/file.h"

namespace bootwire::overlay {

namespace {

constexpr char modules_folder[] = "/modules";
constexpr uint64_t sector = 512;
constexpr uint64_t mapped_block = 4096;  // zram's

/// What one of them brings, once it is there.
struct Module {
    const char* name;
    const char* sign;
};
constexpr Module modules[] = {{"zram", "/sys/class/zram-control"},
                              {"dm-snapshot", "/sys/module/dm_snapshot"},
                              {"loop", "/dev/loop-control"}};

/// Those that are not built in.
Status load_modules() {
    for (const Module& module : modules) {
        if (access(module.sign, F_OK) == 0) continue;
        if (auto loaded = board::load_module(modules_folder, module.name); !loaded) {
            return fail(
                "changes cannot be kept in memory (iscsi.overlay=ram): " + loaded.error().what,
                "have the firmware load overlay.cpio, which was made with this Image.gz: "
                "`initramfs overlay.cpio followkernel` in config.txt");
        }
    }
    return {};
}

/// "8:0", by which the device mapper needs no path.
Result<std::string> device_number(const std::string& name) {
    const auto number = read_file("/sys/class/block/" + name + "/dev", 64);
    if (!number) return std::unexpected(number.error());
    return std::string(trim(*number));
}

Result<block::MappedDevice> map(const block::BlockDevice& disk, const std::string& memory) {
    const auto origin = device_number(disk.path().substr(disk.path().rfind('/') + 1));
    if (!origin) return std::unexpected(origin.error());
    const auto store = device_number(memory);
    if (!store) return std::unexpected(store.error());
    const uint64_t sectors = disk.size() / mapped_block * (mapped_block / sector);
    // Another name for each: one of an attempt that failed may still be in use.
    return block::MappedDevice::create("bootwire-" + memory,
                                       block::transient_snapshot(sectors, *origin, *store));
}

uint64_t machine_memory() {
    struct sysinfo info{};
    sysinfo(&info);
    return uint64_t{info.totalram} * info.mem_unit;
}

}  // namespace

Result<RamOverlay> RamOverlay::over(block::BlockDevice& disk, uint64_t limit) {
    if (auto loaded = load_modules(); !loaded) return std::unexpected(loaded.error());
    if (auto done = disk.make_read_only(); !done) return std::unexpected(done.error());
    const Sizes sizes = sizes_for(machine_memory(), disk.size(), limit);
    auto memory = block::CompressedMemory::make(sizes.device, sizes.memory);
    if (!memory) return std::unexpected(memory.error());
    auto mapped = map(disk, memory->name());
    if (!mapped) return std::unexpected(mapped.error());
    // Now that the disk is in use, the kernel does not look for its partitions again.
    if (auto done = disk.forget_partitions(); !done) return std::unexpected(done.error());
    auto shown = block::LoopDevice::attach("/dev/" + mapped->disk_name(), disk.block_size());
    if (!shown) return std::unexpected(shown.error());
    return RamOverlay(sizes, std::move(*memory), std::move(*mapped), std::move(*shown));
}

std::string RamOverlay::rules_for_udev(const std::string& disk_name) const {
    return "# The changes to the root disk are kept in memory: these are behind what shows it.\n"
           "SUBSYSTEM==\"block\", KERNEL==\"" +
           disk_name + "|" + mapped_.disk_name() + "|" + memory_.name() +
           "\", ENV{UDEV_DISABLE_PERSISTENT_STORAGE_RULES_FLAG}=\"1\", "
           "ENV{DM_UDEV_DISABLE_DISK_RULES_FLAG}=\"1\", ENV{UDISKS_IGNORE}=\"1\"\n";
}

}  // namespace bootwire::overlay
