#include "handoff/os_shutdown.h"

namespace bootwire::handoff {

namespace {

constexpr char units_folder[] = "/run/systemd/system/";
// Of all files in system.conf.d, wherever they lie, the last one by name counts.
constexpr char manager_conf_file[] = "/run/systemd/system.conf.d/zz-bootwire.conf";
// What systemd waits for besides the disk once it has armed the watchdog for the end: sync(2),
// processes (twice), each file system, its programs for the end; 30 to 90 s each, most of them with
// nobody who feeds.
constexpr std::chrono::minutes other_waits{15};

// A socket unit, because systemd makes its FIFO itself: it needs to start no program for it, which
// would have to come from a disk that may be away. Its service (systemd asks for one) never starts.
// The slice is named because the one that systemd gives to instances by itself,
// system-bootwire\x2dending.slice, may not start while the system ends.
// When the job of the end target is cancelled, systemd tells nobody and leaves the socket as it is.
// But whenever a socket changes its state, systemd looks whether it is still needed
// (src/core/unit.c, unit_notify(), unit_is_unneeded()), which it is while the target has a job; and
// what is written into the FIFO changes the state twice: the service is to start, and its condition
// does not hold.
constexpr char socket_unit[] =
    "[Unit]\n"
    "Description=bootwire is told: %i\n"
    "DefaultDependencies=no\n"
    "StopWhenUnneeded=yes\n\n"
    "[Socket]\n"
    "Slice=system.slice\n"
    "ListenFIFO=/run/bootwire/ending/%i\n"
    "SocketMode=0600\n"
    "FlushPending=yes\n"
    "RemoveOnStop=yes\n";
constexpr char service_unit[] =
    "[Unit]\n"
    "Description=bootwire was told: %i\n"
    "DefaultDependencies=no\n"
    "ConditionPathExists=!/\n\n"
    "[Service]\n"
    "Slice=system.slice\n"
    "Type=oneshot\n"
    "ExecStart=/bin/true\n";

// Ubuntu's, dracut's and mkinitcpio's: they fill /run/initramfs while the system ends.
constexpr const char* other_services[] = {"finalrd.service", "dracut-shutdown.service",
                                          "mkinitcpio-generate-shutdown-ramfs.service"};

// What is open is not unmounted by umountfs: the other two files stay covered until their turn.
constexpr Prologue prologues[] = {
    {"/etc/init.d/rc", R"(# Written by bootwire: the root disk is reached over the network.
case $1 in 0 | 6)
    bootwire_verb=poweroff
    if [ "$1" = 6 ]; then
        bootwire_verb=reboot
    elif [ "$INIT_HALT" = HALT ]; then
        bootwire_verb=halt
    fi
    : >/run/bootwire/ending/$bootwire_verb
    if [ -e /etc/init.d/halt ] && [ -e /etc/init.d/reboot ]; then
        exec 8</etc/init.d/halt 9</etc/init.d/reboot
    fi
    mount -o remount,exec /run
    ;;
esac
)"},
    {"/etc/init.d/halt", R"(# Written by bootwire: the root disk is reached over the network.
halt() {
    case " $* " in
    *" -p "*) /run/initramfs/shutdown poweroff ;;
    *) /run/initramfs/shutdown halt ;;
    esac
    command halt "$@"
}
)"},
    {"/etc/init.d/reboot", R"(# Written by bootwire: the root disk is reached over the network.
reboot() {
    /run/initramfs/shutdown reboot
    command reboot "$@"
}
)"},
};

}  // namespace

std::vector<NewFile> shutdown_units(std::chrono::seconds patience) {
    const std::string folder = units_folder;
    const auto guarded = std::to_string((patience + other_waits) / std::chrono::seconds(1));
    std::vector<NewFile> files = {
        {manager_conf_file, "[Manager]\nRebootWatchdogSec=" + guarded + "s\n"},
        {folder + "bootwire-ending@.socket", socket_unit},
        {folder + "bootwire-ending@.service", service_unit},
    };
    for (const std::string verb : {"reboot", "poweroff", "halt", "kexec"}) {
        files.push_back({folder + verb + ".target.d/bootwire.conf",
                         "[Unit]\nWants=bootwire-ending@" + verb + ".socket\n"});
    }
    for (const char* other : other_services)
        files.push_back({folder + other, ""});  // an empty unit is a masked one
    return files;
}

std::span<const Prologue> sysvinit_prologues() {
    return prologues;
}

std::string inittab_that_tells(std::string_view inittab) {
    return std::string(cover_note)
        .append("::shutdown:/run/initramfs/shutdown begins\n")
        .append(inittab);
}

std::string with_prologue(std::string_view script, std::string_view prologue) {
    const size_t end = script.starts_with("#!") ? script.find('\n') : script.npos;
    const size_t head = end == script.npos ? 0 : end + 1;
    std::string text(script.substr(0, head));
    return text.append(prologue).append(script.substr(head));
}

}  // namespace bootwire::handoff
