#include "handoff/pivot.h"

#include <sys/mount.h>

#include "base/text.h"
#include "handoff/prepare_os.h"
#include "handoff/switch_root.h"
#include "os/log.h"
#include "topics/topic.h"

namespace bootwire::handoff {

namespace {

constexpr char new_root_folder[] = "/newroot";
constexpr const char* usual_inits[] = {"/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};

/// The kernel's file systems move into these; a root without them cannot be switched into.
Status check_mount_points(const std::string& new_root) {
    for (const char* folder : {"/dev", "/proc", "/sys", "/run"}) {
        if (!exists_in_root(new_root, folder)) {
            return about(Topic::no_init,
                         fail("the root disk has no folder " + std::string(folder),
                              "create it there; is it the root partition? see iscsi.root="));
        }
    }
    return {};
}

}  // namespace

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
    return about(Topic::no_init, fail("the root disk has no /sbin/init",
                                      "is it the root partition? see iscsi.root="));
}

Result<std::string> prepare_root(const Pivot& pivot) {
    MountRequest root = pivot.root;
    root.target = new_root_folder;
    if (auto mounted = mount_file_system(root); !mounted) {
        return std::unexpected(about(Topic::cannot_mount, mounted.error()));
    }
    log::info("mounted " + root.device + " (" + root.type +
              (root.read_only ? ", read-only as the kernel would)" : ", read-write)"));
    auto init = find_init(new_root_folder, pivot.init);
    const Status usable =
        init ? check_mount_points(new_root_folder) : std::unexpected(init.error());
    if (!usable) {
        leave_root();
        return std::unexpected(usable.error());
    }
    const bool with_systemd = leads_to_systemd(new_root_folder, *init);
    protect_boot_interface(new_root_folder, pivot.interface, with_systemd);
    prepare_shutdown(new_root_folder, with_systemd, pivot.shutdown_patience);
    show_programs(new_root_folder, with_systemd);
    if (auto shown = expose_command_line("/proc", pivot.command_line); !shown) {
        log::warning(shown.error().to_string());
    }
    return init;
}

void leave_root() {
    umount2(new_root_folder, MNT_DETACH);
}

Error start_os(const std::string& init, const std::vector<std::string>& arguments) {
    return about(Topic::init_does_not_start, switch_root(new_root_folder, init, arguments));
}

}  // namespace bootwire::handoff
