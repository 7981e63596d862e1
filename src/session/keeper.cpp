#include "session/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/event_loop.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "net/dhcp_interface.h"
#include "net/wired.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

constexpr char kName[] = "bootwire-keeper";

int kernel_log = -1;  // the keeper's only way to speak; see log::Sink

void to_kernel_log(std::string_view line) {
    const std::string text = "<6>" + std::string(line) + "\n";
    (void)!write(kernel_log, text.data(), text.size());
}

/// Everything that an open descriptor could tie us to is left behind.
void close_everything_else() {
    kernel_log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    const int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; ++fd)
        dup2(null, fd);
    for (int fd = 3; fd < kernel_log; ++fd)
        close(fd);
    syscall(SYS_close_range, std::max(kernel_log, 2) + 1, ~0u, 0u);
}

void ignore_signals() {
    for (const int signal_number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGUSR1, SIGUSR2}) {
        signal(signal_number, SIG_IGN);
    }
}

/// argv[0] becomes '@' and what of it has room: systemd's rule for processes that it must spare
/// (https://systemd.io/ROOT_STORAGE_DAEMONS/).
void take_protected_name(char* own_name) {
    const size_t room = std::strlen(own_name);
    std::string name = std::string("@") + kName;
    name.resize(room, '\0');
    std::memcpy(own_name, name.data(), room);
    prctl(PR_SET_NAME, kName);
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

/// Renews the lease for ever.
class LeaseKeeper {
  public:
    LeaseKeeper(EventLoop& loop, net::Links links, net::LinkMonitor monitor, const net::Link& link)
        : loop_(loop), links_(std::move(links)), monitor_(std::move(monitor)), link_(link) {}

    Status keep(const dhcp::Lease& lease) {
        lease_ = lease;
        dhcp::ClientSettings settings;
        settings.identity.mac = link_.mac;
        settings.root_path = dhcp::RootPath::ignored;
        settings.wish = lease.address.address;
        auto opened = net::DhcpInterface::open(
            loop_, link_, std::move(settings),
            {.bound = [this](const dhcp::Lease& renewed, bool) { on_bound(renewed); },
             .lost =
                 [](const std::string& reason) { log::warning("the lease is lost: " + reason); }});
        if (!opened) return std::unexpected(opened.error());
        dhcp_ = std::move(*opened);
        loop_.watch(monitor_.fd(), [this] {
            if (monitor_.changed()) look_at_link();
        });
        dhcp_->resume(lease);
        return {};
    }

  private:
    void on_bound(const dhcp::Lease& renewed) {
        if (renewed.address != lease_->address) {
            log::warning("the address changes from " + lease_->address.to_string() + " to " +
                         renewed.address.to_string());
        }
        const auto applied = net::apply_lease(links_, link_, renewed, lease_->address);
        if (!applied) log::warning(applied.error().to_string());
        lease_ = renewed;
    }

    void look_at_link() {
        const auto links = links_.list();
        if (!links) return;
        const auto found = std::ranges::find(*links, link_.index, &net::Link::index);
        if (found != links->end()) dhcp_->on_link(found->has_carrier);
    }

    EventLoop& loop_;
    net::Links links_;
    net::LinkMonitor monitor_;
    net::Link link_;
    std::optional<dhcp::Lease> lease_;
    std::unique_ptr<net::DhcpInterface> dhcp_;
};

[[noreturn]] void run(const KeeperState& state, char* own_name) {
    setsid();
    (void)chdir("/");
    close_everything_else();
    log::start(kName, to_kernel_log);
    ignore_signals();
    take_protected_name(own_name);
    protect_from_memory_pressure();

    EventLoop loop;
    auto links = net::Links::open();
    auto monitor = net::LinkMonitor::open();
    std::optional<LeaseKeeper> keeper;
    if (links && monitor && state.lease) {
        keeper.emplace(loop, std::move(*links), std::move(*monitor), state.link);
        const auto kept = keeper->keep(*state.lease);
        if (!kept) log::failure(kept.error().to_string());
    }
    for (;;)
        loop.run_once(now() + 1h);
}

}  // namespace

Status start_keeper(const KeeperState& state, char* own_name) {
    const pid_t child = fork();
    if (child < 0) return fail_errno("cannot start the keeper");
    if (child == 0) run(state, own_name);
    return {};
}

}  // namespace bootwire::session
