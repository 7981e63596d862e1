#include "init/disk_stage.h"

#include "base/text.h"
#include "block/block_device.h"
#include "block/table_writer.h"
#include "disk/other_blocks.h"
#include "disk/resize.h"
#include "disk/root_spec.h"
#include "handoff/os_overlay.h"
#include "init/attached_disk.h"
#include "init/boot_search.h"
#include "init/packed_modules.h"
#include "init/partition_node.h"
#include "os/file.h"
#include "os/log.h"
#include "session/scsi_disk.h"
#include "topics/topic.h"

namespace bootwire::init {

namespace {

/// The kernel takes a target's optimal transfer length for a hint to read that much ahead, 8 MB
/// with tgt: a Debian that starts then reads 72 MB instead of 42 MB. This is what the kernel has
/// for disks that give no hint.
constexpr unsigned read_ahead_kb = 128;
constexpr char old_table_folder[] = "/run/bootwire/partition-table";

/// The old table goes to /run, where an operator finds it if the new one should be a mistake.
Status keep_old_table(const disk::Growth& growth) {
    if (auto made = make_directories(old_table_folder); !made) return made;
    for (const disk::TablePiece& piece : growth.old) {
        const std::string path = std::string(old_table_folder) + "/" + piece.name + "-at-" +
                                 std::to_string(piece.offset);
        if (auto kept = replace_file(path, text_of(piece.bytes), 0600); !kept) return kept;
    }
    return {};
}

Status grow(const std::string& disk_path, unsigned root_number) {
    auto device = block::BlockDevice::open(disk_path, block::BlockDevice::Access::read_write);
    if (!device) return std::unexpected(device.error());
    const auto growth = disk::plan_growth(*device, root_number);
    if (!growth) return std::unexpected(growth.error());
    if (!*growth) return {};
    if (auto kept = keep_old_table(**growth); !kept) return kept;
    if (auto written = block::write_growth(*device, **growth); !written) return written;
    log::info((*growth)->to_string() + "; the old table is kept in " + old_table_folder);
    return {};
}

/// Where a failure is no failure of the boot.
void grow_last_partition(const RootDisk& found) {
    if (auto grown = grow("/dev/" + found.device, found.choice.number); !grown) {
        log::warning("the last partition is not grown: " + grown.error().to_string());
    }
}

/// The session's disk, of which nothing has been read.
Result<RootDisk> attach(const Online& at, const std::function<void()>& on_progress) {
    const session::LunChoice choice{at.plan.lun.value.to_linux(), at.plan.strict.value};
    auto disk = session::attach_disk(at.session.handle, choice, on_progress);
    if (!disk) return std::unexpected(disk.error());
    const auto hold = reserve(*disk, at.plan.exclusive.value, at.machine_id);
    if (!hold) return std::unexpected(hold.error());
    set_read_ahead(disk->name, read_ahead_kb);
    RootDisk found;
    found.device = disk->name;
    found.disk = std::move(*disk);
    found.hold = *hold;
    return found;
}

Status tell_udev(const std::string& rules) {
    const std::string folder = "/run/udev/rules.d";
    if (auto made = make_directories(folder); !made) return made;
    return replace_file(folder + "/00-bootwire-overlay.rules", rules);
}

/// From here on the disk is what the overlay shows, if one is asked for.
Status lay_over(const plan::OverlayUse& use, RootDisk& found) {
    if (!use.in_ram) return {};
    auto disk =
        block::BlockDevice::open("/dev/" + found.disk.name, block::BlockDevice::Access::read_only);
    if (!disk) return std::unexpected(disk.error());
    auto overlay = overlay::RamOverlay::over(*disk, use.limit);
    if (!overlay) return std::unexpected(overlay.error());
    log::info("nothing is written to " + found.disk.name + ": " + overlay->name() +
              " has its content, and keeps changes in memory, at most " +
              disk::size_text(overlay->sizes().limit) + " (iscsi.overlay=ram)");
    if (auto told = tell_udev(overlay->rules_for_udev(found.disk.name)); !told) {
        log::warning(told.error().to_string());
    }
    set_read_ahead(overlay->reader(), read_ahead_kb);
    found.device = overlay->name();
    found.overlay.emplace(std::move(*overlay));
    return {};
}

Result<disk::Layout> read_layout(const block::BlockDevice& device,
                                 const session::ScsiDevice& described) {
    log::info(described.to_string() + ", " + disk::size_text(device.size()) + ", is " +
              device.path());
    auto layout = disk::read_layout(device);
    if (const auto blocks = disk::made_for_blocks_of(device, layout)) {
        return about(
            Topic::other_block_size,
            fail("the disk has blocks of " + std::to_string(device.block_size()) +
                     " bytes, and what is on it was made for blocks of " + std::to_string(*blocks),
                 "have the target show it with blocks of " + std::to_string(*blocks) +
                     " (tgt: block-size, LIO: block_size), or write an image made for "
                     "its blocks to it"));
    }
    if (!layout) return layout;
    log::info(layout->to_string());
    for (const std::string& note : layout->table.notes)
        log::warning(note);
    return layout;
}

/// What asks for the disk's own initramfs before anybody has looked for a root; empty: nothing.
std::string wish_for_initramfs(const plan::Plan& plan, const RootDisk& found) {
    const plan::InitramfsUse use = plan.initramfs.value;
    if (use == plan::InitramfsUse::never || !found.has_initramfs()) return {};
    if (use == plan::InitramfsUse::always) return "iscsi.initramfs=always";
    const plan::DiskCommandLine& line = found.command_line;
    const std::string there = " in the disk's " + printable(found.command_line_place, 160);
    if (!line.overlay.empty() && !found.overlay) return printable(line.overlay, 80) + there;
    if (plan.root) return {};
    if (!line.initramfs.empty()) return line.initramfs + there;
    const bool names_no_partition = !line.root.empty() && !disk::parse_root_spec(line.root);
    return names_no_partition ? "root=" + printable(line.root, 80) + there : std::string();
}

/// Whether the initramfs's root is one that we know all the same: as it was asked for, no guess.
bool is_as_asked(const disk::RootChoice& choice, const plan::Plan& plan, const RootDisk& found) {
    return plan.root || (!found.command_line.root.empty() && choice.warnings.empty());
}

/// Which partition is the root: as the plan says, else the disk itself, else its initramfs.
Status choose_root(const disk::Layout& layout, const plan::Plan& plan, RootDisk& found) {
    std::optional<disk::RootSpec> wish;
    if (plan.root) wish = plan.root->value;
    auto root = disk::choose_root(layout, wish, found.command_line.root, found.command_line_place);
    found.initramfs_wanted = wish_for_initramfs(plan, found);
    const bool by_initramfs = !found.initramfs_wanted.empty();
    if (by_initramfs && (!root || !is_as_asked(*root, plan, found))) return {};
    if (!root) {
        const bool may_be_unknown = !plan.root && found.has_initramfs() &&
                                    plan.initramfs.value != plan::InitramfsUse::never;
        if (may_be_unknown) {
            found.initramfs_wanted = root.error().what;
            return {};
        }
        return std::unexpected(
            about(plan.root ? Topic::root_not_as_asked : Topic::no_root, std::move(root.error())));
    }
    for (const std::string& warning : root->warnings)
        log::warning(warning);
    log::info("root is " + root->why);
    found.choice = std::move(*root);
    return {};
}

std::vector<handoff::OwnPartition> own_partitions(const disk::Layout& layout,
                                                  const std::string& disk_name) {
    std::vector<handoff::OwnPartition> partitions;
    for (const disk::Volume& volume : layout.volumes) {
        auto node = block::partition_path(disk_name, volume.partition.number);
        if (!node) continue;
        const disk::FileSystem content = volume.file_system.value_or(disk::FileSystem());
        const disk::Partition& partition = volume.partition;
        partitions.push_back({partition.number, std::move(*node), content.type, partition.part_uuid,
                              content.uuid, content.label, partition.part_label});
    }
    return partitions;
}

/// The nodes of the disk's partitions, once the kernel has them; the root's has to be there.
Status find_nodes(const disk::Layout& layout, board::Watchdog& watchdog, RootDisk& found) {
    const bool chosen = !found.choice.why.empty();
    if (chosen || !layout.volumes.empty()) {
        const unsigned number =
            chosen ? found.choice.number : layout.volumes.back().partition.number;
        auto node = wait_for_partition(found.device, number, watchdog);
        if (!node && chosen) return std::unexpected(node.error());
        if (chosen) found.partition = std::move(*node);
    }
    found.partitions = own_partitions(layout, found.device);
    return {};
}

}  // namespace

Status check_overlay(const RootDisk& root) {
    const std::string& word = root.command_line.overlay;
    if (word.empty() || root.overlay) return {};
    return std::unexpected(handoff::not_to_be_written_to({word, root.command_line_place}));
}

Result<RootDisk> find_root_disk(const Online& at, const board::Board& board,
                                board::Watchdog& watchdog,
                                const std::function<void()>& on_progress) {
    auto found = attach(at, on_progress);
    if (!found) return found;
    if (auto laid = lay_over(at.plan.overlay.value, *found); !laid) {
        return std::unexpected(laid.error());
    }
    const auto device =
        block::BlockDevice::open("/dev/" + found->device, block::BlockDevice::Access::read_only);
    if (!device) return std::unexpected(device.error());
    const auto layout = read_layout(*device, found->disk.device);
    if (!layout) return std::unexpected(layout.error());
    const bool is_forerunner = packed_next_init().has_value();
    Status done =
        is_forerunner ? Status() : look_at_boot_files(*layout, at.plan, board, watchdog, *found);
    if (done && !is_forerunner) done = choose_root(*layout, at.plan, *found);
    if (!done) return std::unexpected(done.error());

    const bool is_for_initramfs = is_forerunner || !found->initramfs_wanted.empty();
    const bool may_write = !is_for_initramfs && !found->overlay && check_overlay(*found);
    if (found->command_line.resize && may_write) grow_last_partition(*found);
    if (auto there = find_nodes(*layout, watchdog, *found); !there) {
        return std::unexpected(there.error());
    }
    const std::string& flags = at.plan.root_flags.value;
    found->root_flags = flags.empty() ? found->command_line.root_flags : flags;
    return found;
}

}  // namespace bootwire::init
