#include "handoff/attended_os.h"

#include <fcntl.h>
#include <linux/reboot.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "handoff/prepare_os.h"
#include "handoff/switch_root.h"
#include "os/descriptors.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::handoff {

namespace {

constexpr unsigned long of_kernel = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/// One that shows the processes of whoever mounts it.
Status mount_own_proc() {
    umount2("/proc", MNT_DETACH);
    if (mount("proc", "/proc", "proc", of_kernel, nullptr) == 0) return {};
    return fail_errno("cannot mount /proc");
}

[[noreturn]] void be_os(const std::string& init, const std::vector<std::string>& arguments,
                        const std::string& command_line, const Fd& parent) {
    Status done = mount_own_proc();
    if (done && !command_line.empty()) done = expose_command_line("/proc", command_line);
    if (!done) log::warning(done.error().to_string());
    const std::string why = become(init, arguments).what;
    (void)!write(parent.get(), why.data(), why.size());
    _exit(1);
}

/// fork(2) into new process numbers.
pid_t fork_apart() {
    return static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0L, 0L, 0L, 0L));
}

/// What comes through the pipe before its other end is closed.
std::string read_all(const Fd& pipe) {
    std::string text;
    char buffer[512];
    for (;;) {
        const ssize_t count = read(pipe.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        text.append(buffer, static_cast<size_t>(count));
    }
}

Result<pid_t> start(const std::string& init, const std::vector<std::string>& arguments,
                    const std::string& command_line) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot start init");
    const Fd ours(ends[0]);
    Fd theirs(ends[1]);
    const pid_t os = fork_apart();
    // A kernel that knows no such thing: as a system that ends with us, then.
    if (os < 0) return std::unexpected(become(init, arguments));
    if (os == 0) be_os(init, arguments, command_line, theirs);
    theirs.reset();
    const std::string why = read_all(ours);
    if (why.empty()) return os;
    waitpid(os, nullptr, 0);
    return fail(why, "choose another program with iscsi.init=");
}

/// Ctrl-Alt-Del is for the system to act on.
int await_end(pid_t os) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigprocmask(SIG_BLOCK, &awaited, nullptr);
    reboot(LINUX_REBOOT_CMD_CAD_OFF);
    int status = 0;
    for (;;) {
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0 && ended != os) {
        }
        if (ended == os) break;
        if (sigwaitinfo(&awaited, nullptr) == SIGINT) kill(os, SIGINT);
    }
    sigprocmask(SIG_UNBLOCK, &awaited, nullptr);
    return status;
}

/// Where the system has left it, whatever it has mounted over it. What is mounted over our own root
/// is the system's, if an initramfs has switched to it (path_resolution(7): "/.." is what is on top
/// there); otherwise the root is that.
Status go_to(const Fd& run) {
    const bool done = chdir("/..") == 0 && chroot(".") == 0 &&
                      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      fchdir(run.get()) == 0 &&
                      mount("initramfs", "initramfs", nullptr, MS_BIND, nullptr) == 0 &&
                      chdir("initramfs") == 0 && mount("..", "run", nullptr, MS_BIND, nullptr) == 0;
    return done ? Status() : fail_errno("cannot go back to /run");
}

Status mount_kernel_file_systems_here() {
    const bool done = mount("proc", "proc", "proc", of_kernel, nullptr) == 0 &&
                      mount("sysfs", "sys", "sysfs", of_kernel, nullptr) == 0 &&
                      mount("devtmpfs", "dev", "devtmpfs", MS_NOSUID, nullptr) == 0;
    return done ? Status() : fail_errno("cannot mount /proc, /sys and /dev");
}

/// As systemd leaves for its shutdown program (src/shared/switch-root.c).
Status step_out(const Fd& run) {
    if (auto there = go_to(run); !there) return there;
    if (auto mounted = mount_kernel_file_systems_here(); !mounted) return mounted;
    if (syscall(SYS_pivot_root, ".", "oldroot") != 0 || chroot(".") != 0 || chdir("/") != 0) {
        return fail_errno("cannot leave the root disk");
    }
    return {};
}

/// Becomes the shutdown program.
Error end(int status, const Fd& run) {
    const auto asked = asked_of_reboot(status);
    const std::string verb(asked ? board::to_string(*asked) : "init-ended");
    if (step_out(run)) {
        mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, nullptr);
        return become("/shutdown", {verb});
    }
    // The system's root stays in use, then, and becomes read-only.
    (void)mount_own_proc();
    return become("/run/initramfs/shutdown", {verb});
}

Status make_folders_for_the_end() {
    for (const char* folder : {"proc", "sys", "dev", "run", "oldroot"}) {
        if (auto made = make_directories(std::string("/run/initramfs/") + folder); !made)
            return made;
    }
    return {};
}

}  // namespace

Error attend_os(const std::string& init, const std::vector<std::string>& arguments,
                const std::string& command_line) {
    if (auto made = make_folders_for_the_end(); !made) log::warning(made.error().to_string());
    const auto os = start(init, arguments, command_line);
    if (!os) return os.error();
    const Fd run(open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC));
    log::copy_to({});  // its socket goes
    close_everything_but({run.get()});
    mlockall(MCL_CURRENT | MCL_FUTURE);
    return end(await_end(*os), run);
}

std::optional<board::Verb> asked_of_reboot(int wait_status) {
    if (!WIFSIGNALED(wait_status)) return std::nullopt;
    switch (WTERMSIG(wait_status)) {  // kernel/pid_namespace.c, reboot_pid_ns()
        case SIGINT:
            return board::Verb::poweroff;
        case SIGHUP:
            return board::Verb::reboot;
        default:
            return std::nullopt;
    }
}

}  // namespace bootwire::handoff
