#include "keeper/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "board/ending.h"
#include "control/address.h"
#include "control/server.h"
#include "keeper/access_watch.h"
#include "keeper/answers.h"
#include "keeper/farewell_keeper.h"
#include "keeper/hung_tasks.h"
#include "keeper/new_run.h"
#include "keeper/os_name.h"
#include "keeper/overlay_watch.h"
#include "keeper/portal_query.h"
#include "os/clock.h"
#include "os/descriptors.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/log.h"
#include "os/protected_name.h"
#include "os/recent_lines.h"
#include "session/start.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

constexpr char process_name[] = "bootwire-keeper";
constexpr char ready_word[] = "ready";  // from the child to its parent

constexpr size_t recent_bytes = 8 * 1024;

// The keeper's ways to speak; see log::Sink.
int kernel_log = -1;
RecentLines recent_lines(recent_bytes);  // for `bootwirectl log`

/// What is wrong is shown on the consoles even by a quiet kernel.
void write_line(const log::Line& line) {
    recent_lines.add(line.whole);
    const bool wrong = line.severity != log::Severity::info;
    const std::string text = (wrong ? "<3>" : "<6>") + std::string(line.whole) + "\n";
    (void)!write(kernel_log, text.data(), text.size());
}

/// Init's consoles are not the keeper's: it speaks through the kernel's log.
void leave_consoles() {
    kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
    for (int fd = 0; fd <= 2; ++fd)
        dup2(null.get(), fd);
}

void ignore_signals() {
    // SIGCHLD: nobody waits for the children of this process.
    for (const int signal_number :
         {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD}) {
        signal(signal_number, SIG_IGN);
    }
}

void protect_from_memory_pressure() {
    if (auto done = write_control_file("/proc/self/oom_score_adj", "-1000"); !done) {
        log::warning(done.error().what);
    }
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) log::warning("keeper: cannot lock its memory");
    // PR_SET_IO_FLUSHER (57): memory that this process needs is never waited for on the disk that
    // this process keeps alive.
    if (prctl(57, 1, 0, 0, 0) != 0) log::warning("keeper: cannot become an I/O flusher");
}

/// What it knows (CHAP secrets) is to be in no core file on the disk, and for no debugger.
void keep_memory_private() {
    const rlimit none{0, 0};
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0) {
        log::warning("keeper: its memory may get into a core file");
    }
}

/// What is opened while the kernel's file systems are still mounted where this process sees them.
struct Outside {
    Fd connection_state;  ///< in sysfs
    Fd disk_counters;     ///< in sysfs
    Fd overlay_use;       ///< likewise; none if changes are written to the disk
    Fd control;           ///< listens for bootwirectl
    Fd run;               ///< /run, wherever it is moved to
    Fd os_name;           ///< in procfs
    Fd hung_tasks;        ///< likewise
    Fd sysrq;             ///< likewise
    FarewellFiles farewell;
    Fd new_run;  ///< tells of another /run
    Fd parent;   ///< a pipe on which the parent waits for ready()

    /// The parent may go on; an error is its to report.
    void ready(const Status& status) {
        const std::string word = status ? ready_word : status.error().to_string();
        (void)!write(parent.get(), word.data(), word.size());
        parent.reset();
    }
};

Fd open_to_read(const std::string& path) {
    return Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

Fd open_connection_state(const session::KernelSession& session) {
    return open_to_read("/sys/class/iscsi_connection/connection" + std::to_string(session.sid) +
                        ":0/state");
}

Fd open_overlay_use(const KeptDisk& disk) {
    return disk.overlay ? open_to_read("/sys/block/" + disk.overlay->memory + "/mm_stat") : Fd();
}

/// Documentation/admin-guide/sysrq.rst: file systems of block devices become read-only, whatever
/// is open there.
void remount_all_read_only(const Fd& sysrq) {
    if (write(sysrq.get(), "u", 1) != 1) log::warning("no file system becomes read-only");
}

Fd listen_for_control() {
    auto listening = control::listen_at(control::socket_path);
    if (!listening) log::warning(listening.error().to_string());
    return listening ? std::move(*listening) : Fd();
}

struct Sockets {
    session::KernelInitiator kernel;
    net::Links links;
    net::LinkMonitor monitor;

    static Result<Sockets> open() {
        auto kernel = session::KernelInitiator::open();
        if (!kernel) return std::unexpected(kernel.error());
        auto links = net::Links::open();
        if (!links) return std::unexpected(links.error());
        auto monitor = net::LinkMonitor::open(net::LinkMonitor::Scope::addresses_too);
        if (!monitor) return std::unexpected(monitor.error());
        return Sockets{std::move(*kernel), std::move(*links), std::move(*monitor)};
    }
};

/// The keeper's parts, and who of them tells whom what.
class Parts {
  public:
    /// outside: outlives this.
    Parts(KeeperState state, Outside& outside, Sockets sockets)
        : session_(loop_, std::move(sockets.kernel), std::move(state.session),
                   std::move(outside.connection_state)),
          lease_(loop_, std::move(sockets.links), std::move(sockets.monitor),
                 std::move(state.address),
                 {.network_back = [this] { session_.network_back(); },
                  .address_changed = [this] { session_.reconnect("our address has changed"); },
                  .leased = [tell = std::move(state.leased),
                             &outside](const dhcp::Lease& lease) { tell(lease, outside.run); }}),
          farewell_(loop_, session_, state.disk, outside.disk_counters, state.shutdown_patience,
                    std::move(outside.farewell),
                    {.let_network_go =
                         [this] {
                             lease_.let_go();
                             return lease_.links();
                         },
                     .end_machine = board::end_machine}),
          answers_(loop_, session_, lease_, state.disk,
                   {outside.disk_counters, outside.overlay_use}, std::move(state.stages),
                   [] { return recent_lines.text(); }),
          os_name_(loop_, std::move(outside.os_name),
                   [this](const std::string& name) { lease_.tell_host_name(name); }),
          hung_tasks_(loop_, std::move(outside.hung_tasks)),
          access_(loop_, open_uevents(), session_.session().handle.sid,
                  [this] { session_.access_changed(); }) {
        session_.watch_disk(outside.disk_counters);
        if (state.disk.overlay) {
            overlay_.emplace(loop_, outside.overlay_use, state.disk.overlay->sizes,
                             [&outside] { remount_all_read_only(outside.sysrq); });
        }
        if (may_ask(session_.session())) portals_.emplace(loop_, session_);
        if (outside.control.valid()) serve(std::move(outside.control));
        if (outside.new_run.valid()) {
            loop_.watch(outside.new_run.get(), [this, &outside] { take_new_run(outside); });
        }
        session_.set_owner([this](const SessionEvent& event) {
            hung_tasks_.on_session(event);
            answers_.on_session(event);
            if (portals_) portals_->on_session(event);
            farewell_.on_session(event);
        });
    }

    Status begin() { return lease_.keep(); }

    [[noreturn]] void run() {
        for (;;)
            loop_.run_once(now() + 1h);
    }

  private:
    /// Told at most once: then the other end goes.
    void take_new_run(Outside& outside) {
        auto found = receive_new_run(outside.new_run);
        loop_.unwatch(outside.new_run.get());
        outside.new_run.reset();
        if (!found) return;
        outside.run = std::move(found->run);
        farewell_.move_to(std::move(found->verbs), std::move(found->folder));
        serve(std::move(found->control));
    }

    void serve(Fd listening) {
        server_.emplace(loop_, std::move(listening), [this](const control::Request& request) {
            const Reply reply = [this, client = request.client](std::string text) {
                server_->answer(client, std::move(text));
            };
            if (!farewell_.take(request, reply)) answers_.take(request, reply);
        });
    }

    EventLoop loop_;
    SessionKeeper session_;
    LeaseKeeper lease_;
    FarewellKeeper farewell_;
    Answers answers_;
    OsName os_name_;
    HungTasks hung_tasks_;
    AccessWatch access_;
    std::optional<OverlayWatch> overlay_;
    std::optional<PortalQuery> portals_;
    std::optional<control::Server> server_;
};

Status keep(KeeperState state, Outside& outside) {
    auto sockets = Sockets::open();
    if (!sockets) return std::unexpected(sockets.error());
    const KeptSession& ours = state.session;
    auto waits = session::let_io_wait(sockets->kernel, ours.handle, ours.recovery);
    if (!waits) return waits;
    Parts parts(std::move(state), outside, std::move(*sockets));
    if (auto begun = parts.begin(); !begun) return begun;
    outside.ready({});
    parts.run();
}

[[noreturn]] void run(KeeperState state, Fd parent) {
    setsid();
    (void)chdir("/");
    Outside outside{open_connection_state(state.session.handle),
                    open_to_read("/sys/block/" + state.disk.name + "/stat"),
                    open_overlay_use(state.disk),
                    listen_for_control(),
                    Fd(open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC)),
                    open_to_read("/proc/sys/kernel/hostname"),
                    Fd(open("/proc/sys/kernel/hung_task_timeout_secs", O_RDWR | O_CLOEXEC)),
                    Fd(open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC)),
                    FarewellFiles::open(),
                    std::move(state.new_run),
                    std::move(parent)};
    leave_consoles();
    // Every other descriptor that could tie us to something is left behind.
    close_everything_but({kernel_log, outside.connection_state.get(), outside.disk_counters.get(),
                          outside.overlay_use.get(), outside.control.get(), outside.run.get(),
                          outside.os_name.get(), outside.hung_tasks.get(), outside.sysrq.get(),
                          outside.farewell.verbs.get(), outside.farewell.folder.get(),
                          outside.farewell.panic.get(), outside.new_run.get(),
                          outside.parent.get()});
    log::start(process_name, write_line);
    static uplink::RemoteLog remote_log;  // for as long as this process lives
    remote_log.open(std::move(state.remote_log));
    log::copy_to([](const log::Line& line) { remote_log.add(line); });
    ignore_signals();
    take_protected_name(process_name);
    protect_from_memory_pressure();
    keep_memory_private();
    outside.ready(keep(std::move(state), outside));
    _exit(1);
}

/// What the child has to say: that it is ready, or why it is not. One that has been killed says
/// nothing.
Status await_ready(const Fd& child) {
    std::string text;
    char buffer[512];
    for (;;) {
        const ssize_t count = read(child.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        text.append(buffer, static_cast<size_t>(count));
    }
    if (text == ready_word) return {};
    return fail("the keeper does not start: " + (text.empty() ? "it has ended" : text));
}

}  // namespace

Result<pid_t> start_keeper(KeeperState state) {
    // What the keeper says in an outage is not to be counted and cut off; systemd asks for the
    // same.
    if (auto done = write_control_file("/proc/sys/kernel/printk_devkmsg", "on\n"); !done) {
        log::warning(done.error().to_string());
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot start the keeper");
    Fd child_end(ends[1]);
    const Fd parent_end(ends[0]);
    const pid_t child = fork();
    if (child < 0) return fail_errno("cannot start the keeper");
    if (child == 0) run(std::move(state), std::move(child_end));
    child_end.reset();
    if (auto ready = await_ready(parent_end); !ready) {
        stop_keeper(child);
        return std::unexpected(ready.error());
    }
    return child;
}

void stop_keeper(pid_t keeper) {
    kill(keeper, SIGKILL);
    waitpid(keeper, nullptr, 0);
}

}  // namespace bootwire::keeper
