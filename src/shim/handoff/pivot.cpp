#include "handoff/pivot.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include "base/text.h"
#include "handoff/attended_os.h"
#include "handoff/os_overlay.h"
#include "handoff/os_seed.h"
#include "handoff/prepare_os.h"
#include "handoff/switch_root.h"
#include "os/file.h"
#include "os/log.h"
#include "topics/topic.h"

namespace bootwire::handoff {

namespace {

constexpr const char* usual_inits[] = {"/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};

Status make_folders(const MountRequest& root, const std::vector<std::string>& folders) {
    if (root.read_only) {
        if (auto writable = remount(root, false); !writable) return writable;
    }
    Status done;
    for (const std::string& folder : folders) {
        if (done && mkdir((root.target + folder).c_str(), 0755) != 0) {
            done = fail_errno("cannot make " + folder + " on the root disk");
        }
    }
    if (!root.read_only) return done;
    const Status again = remount(root, true);
    return done ? again : done;
}

/// A root without them cannot be switched into.
Status provide_folders(const MountRequest& root, bool never_write) {
    const std::vector<std::string> missing = missing_folders(root.target);
    if (missing.empty()) return {};
    const std::string what = "the root disk has no folder " + join(missing, ", ");
    constexpr char hint[] =
        "create what is missing there; is it the root partition? see iscsi.root=";
    if (never_write) {
        return about(Topic::no_init, fail(what + ", and its command line says ro", hint));
    }
    if (auto made = make_folders(root, missing); !made) {
        return about(Topic::no_init, fail(what + ": " + made.error().what, hint));
    }
    log::info(what + ": made");
    return {};
}

/// Read-only at first: the disk may say in its files that nothing is to be written to it.
Status mount_root(const MountRequest& root, bool overlay_settled) {
    MountRequest first = root;
    first.read_only = first.read_only || !overlay_settled;
    if (auto mounted = mount_file_system(first); !mounted) return mounted;
    if (overlay_settled) return {};
    const OverlayWish wish = overlay_wish(root.target);
    Status done;
    if (!wish.word.empty()) {
        done = std::unexpected(not_to_be_written_to(wish));
    } else if (!root.read_only) {
        done = remount(root, false);
    }
    if (!done) leave_root();
    return done;
}

/// What a person is told where the root that was chosen has no init at any usual place.
Error no_init_in(const std::string& new_root) {
    for (const std::string& name : names_in(new_root)) {
        if (!exists_in_root(new_root + "/" + name, "/sbin/init")) continue;
        const std::string shown = printable(name, 80);
        return {"the root disk has no /sbin/init, but one in " + shown,
                "if that is a subvolume of btrfs, name it with rootflags=subvol=" + shown};
    }
    for (const char* kernel : {"/Image", "/vmlinuz", "/kernel.img"}) {
        if (!exists_in_root(new_root, kernel)) continue;
        return {"the root disk holds a kernel and no system: " + std::string(kernel) +
                    " and no /sbin/init",
                "name the partition with the system with iscsi.root="};
    }
    return {"the root disk has no /sbin/init", "is it the root partition? see iscsi.root="};
}

}  // namespace

std::vector<std::string> missing_folders(const std::string& new_root) {
    std::vector<std::string> missing;
    for (const char* folder : {"/dev", "/proc", "/sys", "/run"}) {
        if (!exists_in_root(new_root, folder)) missing.emplace_back(folder);
    }
    return missing;
}

Result<std::string> find_init(const std::string& new_root, const std::string& asked) {
    if (!asked.empty()) {
        if (auto usable = check_program(new_root, asked); !usable) {
            return std::unexpected(about(Topic::no_init, usable.error()));
        }
        return asked;
    }
    for (const char* path : usual_inits) {
        if (!exists_in_root(new_root, path)) continue;
        if (auto usable = check_program(new_root, path); !usable) {
            return std::unexpected(about(Topic::no_init, usable.error()));
        }
        return path;
    }
    return std::unexpected(about(Topic::no_init, no_init_in(new_root)));
}

Result<std::string> prepare_root(const Pivot& pivot) {
    MountRequest root = pivot.root;
    root.target = new_root_folder;
    if (auto mounted = mount_root(root, pivot.overlay_settled); !mounted) {
        return std::unexpected(about(Topic::cannot_mount, mounted.error()));
    }
    log::info("mounted " + root.device + " (" + root.type +
              (root.read_only ? ", read-only as the kernel would)" : ", read-write)"));
    auto init = find_init(new_root_folder, pivot.init);
    const Status usable =
        init ? provide_folders(root, pivot.never_write) : std::unexpected(init.error());
    if (!usable) {
        leave_root();
        return std::unexpected(usable.error());
    }
    if (pivot.seed) seed_root(root, *pivot.seed);
    const bool with_systemd = leads_to_systemd(new_root_folder, *init);
    protect_boot_interface(new_root_folder, pivot.interface, with_systemd);
    prepare_shutdown(new_root_folder, with_systemd, pivot.shutdown_patience);
    have_busybox_tell(new_root_folder, *init);
    show_programs(new_root_folder, with_systemd);
    heal_fstab(new_root_folder, pivot.disk, with_systemd);
    if (auto shown = expose_command_line("/proc", pivot.command_line); !shown) {
        log::warning(shown.error().to_string());
    }
    return init;
}

void leave_root() {
    umount2(new_root_folder, MNT_DETACH);
}

Error start_os(const std::string& init, const Pivot& pivot) {
    const bool attended = ends_without_asking(new_root_folder, init);
    if (auto entered = move_into_root(new_root_folder); !entered) {
        return about(Topic::init_does_not_start, entered.error());
    }
    return about(Topic::init_does_not_start,
                 attended ? attend_os(init, pivot.arguments, pivot.command_line)
                          : become(init, pivot.arguments));
}

}  // namespace bootwire::handoff
