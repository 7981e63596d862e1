#include "init/kexec_tree.h"

#include "base/text.h"
#include "devicetree/carry_over.h"
#include "devicetree/overlay.h"
#include "devicetree/shipped.h"
#include "kexec/decompress.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

/// What kernel/initramfs.sh packs.
constexpr const char* shipped_trees = "/device-trees.zst";
constexpr size_t largest_shipped_trees = 4 << 20;

/// The tree in use before the firmware wrote into it; nothing if that is none of ours.
Result<std::optional<devicetree::Tree>> find_shipped_tree(const devicetree::Tree& running) {
    const auto packed = read_file(shipped_trees, largest_shipped_trees);
    if (!packed) return std::unexpected(packed.error());
    const auto trees = kexec::unpack(bytes_of(*packed), largest_shipped_trees);
    if (!trees) return std::unexpected(trees.error());
    return devicetree::shipped_tree(*trees, running);
}

/// What firmware has written into the tree in use goes into this one, of that name, too.
Status carry_over_from_running(devicetree::Tree& tree, const std::string& name) {
    const auto in_use = read_file("/sys/firmware/fdt", devicetree::largest_tree);
    if (!in_use) return std::unexpected(in_use.error());
    const auto running = devicetree::Tree::parse(*in_use);
    if (!running) return fail("the tree in use: " + running.error().what);
    const auto shipped = find_shipped_tree(*running);
    if (!shipped) log::warning("bootwire's own device trees: " + shipped.error().what);
    const auto was = shipped ? *shipped : std::nullopt;
    if (!was) {
        log::info(
            "none of bootwire's device trees is this board's: what its firmware changed "
            "cannot be told from what it left");
    }
    if (auto done = devicetree::carry_over(*running, was, tree); !done) {
        return fail(name + ": " + done.error().what);
    }
    return {};
}

}  // namespace

Result<std::optional<devicetree::Tree>> read_disks_tree(const bootfiles::BootFiles& files,
                                                        const bootfiles::Folder& folder) {
    if (files.device_tree.empty()) {
        if (!files.tree_changes.empty()) {
            log::warning(files.source +
                         " has overlays or parameters, but the disk no device tree for "
                         "them: they are left out");
        }
        return std::nullopt;
    }
    const std::string name = "the device tree " + printable(files.device_tree, 120);
    const auto bytes = folder.read(files.device_tree, devicetree::largest_tree);
    if (!bytes) return std::unexpected(bytes.error());
    auto tree = devicetree::Tree::parse(*bytes);
    if (!tree) return fail(name + ": " + tree.error().what, "copy it to the disk again");
    const auto notes = devicetree::apply_changes(*tree, files.tree_changes, folder);
    if (!notes) return std::unexpected(notes.error());
    for (const std::string& note : *notes)
        log::warning(note);

    if (auto done = carry_over_from_running(*tree, name); !done) {
        return std::unexpected(done.error());
    }
    log::info(name + (files.tree_changes.empty()
                          ? ""
                          : ", " + std::to_string(files.tree_changes.size()) + " changes"));
    return std::move(*tree);
}

}  // namespace bootwire::init
