#include "keeper/farewell_keeper.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "block/counters.h"
#include "control/ending.h"
#include "keeper/ending_request.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "session/start.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds sync_timeout = 10s;

std::string described(const KeptDisk& disk, const KeptSession& session) {
    return disk.name + " (" + session.account.target + " at " + session.portal.to_string() + ")";
}

/// The last that can be done for other disks than ours.
void write_out_what_can_be() {
    const Moment limit = now() + sync_timeout;
    const auto write = [] {
        sync();
        return true;  // nobody looks at it
    };
    do_in_child(write, [&] { return now() < limit; });
}

}  // namespace

FarewellFiles FarewellFiles::open() {
    FarewellFiles files;
    files.verbs.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    Status done = make_directories(control::ending_folder);
    if (done && inotify_add_watch(files.verbs.get(), control::ending_folder,
                                  IN_CREATE | IN_MOVED_TO | IN_DELETE) < 0) {
        done = fail_errno("cannot watch " + std::string(control::ending_folder));
    }
    if (!done) log::warning(done.error().to_string());
    files.folder.reset(::open(control::ending_folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
    files.panic.reset(::open("/proc/sys/kernel/panic", O_RDWR | O_CLOEXEC));
    return files;
}

FarewellKeeper::FarewellKeeper(EventLoop& loop, SessionKeeper& session, const KeptDisk& disk,
                               const Fd& disk_counters, std::chrono::seconds patience,
                               FarewellFiles files, Handlers handlers)
    : loop_(loop),
      session_(session),
      device_(disk.name),
      disk_(described(disk, session.session())),
      disk_counters_(disk_counters),
      files_(std::move(files)),
      handlers_(std::move(handlers)),
      farewell_(disk_, patience) {
    loop_.watch(files_.verbs.get(), [this] { read_verbs(); });
}

FarewellKeeper::~FarewellKeeper() {
    loop_.unwatch(files_.verbs.get());
    if (timer_) loop_.cancel(*timer_);
}

void FarewellKeeper::move_to(Fd verbs, Fd folder) {
    loop_.unwatch(files_.verbs.get());
    files_.verbs = std::move(verbs);
    files_.folder = std::move(folder);
    loop_.watch(files_.verbs.get(), [this] { read_verbs(); });
}

void FarewellKeeper::read_verbs() {
    alignas(inotify_event) char buffer[4096];
    const ssize_t count = read(files_.verbs.get(), buffer, sizeof buffer);
    for (ssize_t at = 0; at + static_cast<ssize_t>(sizeof(inotify_event)) <= count;) {
        inotify_event event;
        std::memcpy(&event, buffer + at, sizeof event);
        const char* const name = buffer + at + sizeof event;
        at += static_cast<ssize_t>(sizeof event + event.len);
        if (event.len == 0 || at > count) continue;
        const auto verb = board::parse_verb({name, strnlen(name, event.len)});
        if (verb) on_verb(*verb, (event.mask & IN_DELETE) == 0);
    }
}

void FarewellKeeper::on_verb(board::Verb verb, bool appeared) {
    if (appeared) return perform(farewell_.on_ending(verb, now()));
    if (verb == farewell_.verb()) perform(farewell_.on_cancelled());
}

void FarewellKeeper::on_session(const SessionEvent& event) {
    switch (event.kind) {
        case SessionEvent::Kind::lost:
        case SessionEvent::Kind::back:
            return connection_changed(event.kind == SessionEvent::Kind::back);
        case SessionEvent::Kind::unbound:
            return perform(farewell_.on_unbound(now()));
        case SessionEvent::Kind::logged_out:
            return perform(farewell_.on_logged_out(event.logged_out, now()));
        case SessionEvent::Kind::displaced:
            return;  // lost already
    }
}

void FarewellKeeper::connection_changed(bool connected) {
    look_at_disk();
    perform(farewell_.on_connection(connected, now()));
    if (!connected && farewell_.stage() == session::Farewell::Stage::ending) ask_whether_it_ends();
}

void FarewellKeeper::look_at_disk() {
    if (const auto disk = block::read_counters(disk_counters_)) {
        farewell_.on_work({disk->reads + disk->writes, disk->in_flight > 0});
    }
}

/// A word into systemd's FIFO has it look at its socket unit (handoff/os_shutdown.cpp): it removes
/// the FIFO if the job has been cancelled that the unit was started for. Nobody else tells of that.
void FarewellKeeper::ask_whether_it_ends() const {
    const std::string name(board::to_string(farewell_.verb()));
    const Fd fifo(openat(files_.folder.get(), name.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    (void)!write(fifo.get(), "?", 1);
}

bool FarewellKeeper::take(const control::Request& request, const Reply& reply) {
    using Kind = EndingRequest::Kind;
    const auto asked = parse_ending_request(request.text);
    if (!asked) return false;
    if (asked->kind == Kind::end_anyway && asked->verb) {
        const control::Answer answer =
            request.from_root ? end_anyway(*asked->verb) : control::only_root_may();
        reply(answer.to_wire());
        return true;
    }
    if (!request.from_root || !asked->verb) {
        reply(request.from_root ? "that is no way to end\n" : "only root may ask for that\n");
    } else if (asked->kind == Kind::ending) {
        reply(control::noted_answer(device_));
        perform(farewell_.on_ending(*asked->verb, now()));
    } else {
        waiting_.push_back(reply);
        perform(farewell_.on_log_out_wanted(*asked->verb, now()));
    }
    return true;
}

control::Answer FarewellKeeper::end_anyway(board::Verb verb) {
    perform(farewell_.on_end_anyway(verb, now()));
    const auto limit = farewell_.next_deadline();
    const std::string how(board::to_string(verb));
    if (farewell_.stage() != session::Farewell::Stage::ending || !limit) {
        return {control::Verdict::unknown, "bootwirectl: " + disk_ +
                                               " is there: the system's own " + how +
                                               " ends it without losing anything\n"};
    }
    return {
        control::Verdict::ok,
        disk_ + " has " + std::to_string((*limit - now() + 500ms) / 1s) +
            " s to come back; otherwise what is not written yet is given up, and the Pi ends (" +
            how + ") 30 s later at the latest\n"};
}

void FarewellKeeper::perform(const session::FarewellActions& actions) {
    for (const session::FarewellAction& action : actions)
        perform(action);
    set_timer();
}

void FarewellKeeper::perform(const session::FarewellAction& action) {
    using Kind = session::FarewellAction::Kind;
    switch (action.kind) {
        case Kind::say:
            return log::info(action.text);
        case Kind::complain:
            return log::warning(action.text);
        case Kind::unbind:
            if (auto asked = session_.unbind(); !asked) log::warning(asked.error().what);
            return;
        case Kind::log_out:
            return log_out();
        case Kind::drop:
            return session_.drop();
        case Kind::abandon:
            return abandon();
        case Kind::give_back:
            if (auto given = session_.give_disk_back(); !given) log::warning(given.error().what);
            return;
        case Kind::take_link_down:
            return take_links_down();
        case Kind::answer:
            for (const Reply& reply : std::exchange(waiting_, {}))
                reply(action.text + "\n" + links_told_);
            return;
        case Kind::end_machine:
            write_out_what_can_be();
            return handlers_.end_machine(farewell_.verb());
    }
}

/// What the kernel does not send cannot be answered: told to the state machine once this is done.
void FarewellKeeper::log_out() {
    const auto sent = session_.send_logout();
    if (sent) return;
    loop_.at(now(), [this, why = sent.error().what] {
        perform(farewell_.on_logged_out(fail("not logged out: " + why), now()));
    });
}

/// The kernel may wait for accesses to fail while it removes the disk; the keeper has to be there
/// for the time after. The processes of the OS lose the disk that their programs are on: should
/// the OS's PID 1 not survive that, the kernel restarts the machine instead of standing still.
void FarewellKeeper::abandon() {
    (void)!pwrite(files_.panic.get(), "10", 2, 0);  // seconds
    session_.abandon();
}

void FarewellKeeper::take_links_down() {
    auto links = net::Links::open();
    for (const net::Link& link : handlers_.let_network_go()) {
        const auto done = links ? links->set_down(link) : Status(std::unexpected(links.error()));
        const std::string told = done ? link.name + ": link is taken down" : done.error().what;
        links_told_ += told + "\n";
        log::info(told);
    }
}

void FarewellKeeper::set_timer() {
    loop_.move(timer_, farewell_.next_deadline(), [this] {
        look_at_disk();
        perform(farewell_.on_timer(now()));
    });
}

}  // namespace bootwire::keeper
