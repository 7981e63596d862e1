#include "keeper/session_keeper.h"

#include <unistd.h>

#include <utility>

#include "base/text.h"
#include "block/counters.h"
#include "iscsi/logout.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/log.h"
#include "session/kernel_cmd_sn.h"
#include "session/reserve.h"
#include "session/start.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;
using EventKind = session::KernelEvent::Kind;

constexpr Milliseconds look_at_state_every = 2s;
constexpr size_t most_outages = 32;
// The end of the system waits for it.
constexpr Milliseconds give_back_timeout = 10s;

}  // namespace

SessionKeeper::SessionKeeper(EventLoop& loop, session::KernelInitiator kernel, KeptSession session,
                             Fd connection_state)
    : loop_(loop),
      kernel_(std::move(kernel)),
      session_(std::move(session)),
      connection_state_(std::move(connection_state)),
      last_portal_(session_.portals.front()),
      executor_(loop, *this, session_.account,
                {session_.portals, session_.name_servers, session_.addresses}),
      connected_at_(now()) {
    if (session_.hold) executor_.hold(*session_.hold);
    if (session_.tried_lun) executor_.try_out_with(*session_.tried_lun);
    if (!session_.may_learn_portals) executor_.keep_to_named_portals();
    loop_.watch(kernel_.fd(), [this] { receive_events(); });
    look_at_state();
}

SessionKeeper::~SessionKeeper() {
    loop_.unwatch(kernel_.fd());
    for (const auto& timer : {state_timer_, queue_timer_, tell_timer_}) {
        if (timer) loop_.cancel(*timer);
    }
}

void SessionKeeper::tell(SessionEvent event) {
    untold_.push_back(std::move(event));
    loop_.move(tell_timer_, now(), [this] { tell_owner(); });
}

/// From the event loop alone.
void SessionKeeper::tell_owner() {
    while (!untold_.empty()) {
        const SessionEvent event = std::move(untold_.front());
        untold_.pop_front();
        if (owner_) owner_(event);
    }
}

void SessionKeeper::note_connected(bool connected) {
    if (connected == std::exchange(connected_, connected)) return;
    tell({connected ? SessionEvent::Kind::back : SessionEvent::Kind::lost});
}

void SessionKeeper::carried_out() {
    note_connected(recovery().state() == Recovery::State::established);
    const bool displaced = recovery().state() == Recovery::State::displaced;
    if (displaced && !std::exchange(displaced_, true)) tell({SessionEvent::Kind::displaced});
    receive_queued();
}

/// The owner hears of each event before the next one is looked at: what it does then may be what
/// that one is to be judged by.
void SessionKeeper::receive_events() {
    for (int i = 0; i < EventLoop::most_at_once; ++i) {
        const auto event = kernel_.next_event();
        if (!event) return;
        if (event->sid == session_.handle.sid) receive(*event);
        tell_owner();
    }
    receive_queued();
}

/// What came with the answer to a request does not show at the socket any more.
void SessionKeeper::receive_queued() {
    if (!kernel_.has_queued_event()) return;
    loop_.move(queue_timer_, now(), [this] { receive_events(); });
}

void SessionKeeper::receive(const session::KernelEvent& event) {
    if (event.kind == EventKind::session_unbound) {
        tell({SessionEvent::Kind::unbound});
    } else if (released_) {
        receive_last(event);
    } else if (event.kind == EventKind::connection_error) {
        if (recovery().state() == Recovery::State::established) {
            pings_.lost(event.error == session::ping_not_answered, now() - connected_at_);
        }
        const std::string why = session::connection_error_text(event.error);
        event.error == session::port_takes_no_io ? executor_.no_io(why) : executor_.lost(why);
    } else if (event.kind == EventKind::received_pdu) {
        executor_.receive({event.header, event.data});
    }
}

/// While the session ends, nothing is restored.
void SessionKeeper::receive_last(const session::KernelEvent& event) {
    if (event.kind == EventKind::connection_error) {
        note_connected(false);
    } else if (const auto response = iscsi::LogoutResponsePdu::decode(event.header)) {
        tell({SessionEvent::Kind::logged_out, iscsi::check_logout_response(*response)});
    }
}

/// What the old connection still had to say; but not that the disk is gone, which is said once.
void SessionKeeper::forget_events() {
    while (const auto event = kernel_.next_event()) {
        const bool unbound = event->kind == EventKind::session_unbound;
        if (unbound && event->sid == session_.handle.sid) tell({SessionEvent::Kind::unbound});
    }
}

/// The kernel's events are multicast without acknowledgement: one that got lost shows here.
void SessionKeeper::look_at_state() {
    char text[16] = {};
    const ssize_t count = pread(connection_state_.get(), text, sizeof text - 1, 0);
    const std::string_view state = trim({text, count > 0 ? static_cast<size_t>(count) : 0});
    if (state == "failed" && recovery().state() == Recovery::State::established) {
        executor_.lost("the kernel has given it up");
    }
    loop_.move(state_timer_, now() + look_at_state_every, [this] { look_at_state(); });
}

void SessionKeeper::stop_connection() {
    const auto stopped = kernel_.stop_connection(session_.handle, session::StopReason::recover);
    if (!stopped) log::warning(stopped.error().what);
    handed_over_.reset();
    forget_events();
}

Result<uint32_t> SessionKeeper::next_cmd_sn() {
    const auto cmd_sn = session::kernel_cmd_sn(kernel_, session_.handle);
    forget_events();
    return cmd_sn;
}

/// The kernel takes a reference of its own.
Status SessionKeeper::bind(Fd socket) {
    handed_over_ = std::move(socket);
    return kernel_.bind_connection(session_.handle, handed_over_.get());
}

Status SessionKeeper::send(const SendPdu& pdu) {
    return kernel_.send_pdu(session_.handle, pdu.header, pdu.data);
}

Status SessionKeeper::start(const plan::Portal& portal, const iscsi::LoginResult& result) {
    session_.parameters = result.parameters;
    const auto other_end = net::other_end_of(handed_over_);
    if (!other_end) return fail("the connection is closed again");
    net::watch_other_end(handed_over_, false);
    handed_over_.reset();
    if (pings_.back(now() - recovery().lost_at(), portal == last_portal_)) {
        log::info("the target is there, and did not answer a ping: from now on it has " +
                  std::to_string(pings_.timeout().count()) + " s for that");
    }
    last_portal_ = portal;
    return session::configure_and_start(kernel_, session_.handle, session_.account, *other_end,
                                        result, session_.recovery, pings_.timeout());
}

bool SessionKeeper::has_commands() {
    if (disk_counters_ == nullptr) return true;
    const auto counters = block::read_counters(*disk_counters_);
    return !counters || counters->in_flight > 0;
}

void SessionKeeper::recovered(const Recovered& recovered) {
    log::info("the session is back at " + recovered.portal.to_string() + " after " +
              std::to_string(recovered.outage.count()) + " ms");
    connected_at_ = now();
    outages_.push_back({recovery().lost_at(), recovered.outage, recovery().loss()});
    if (outages_.size() > most_outages) outages_.pop_front();
    ++outage_count_;
    outage_time_ += recovered.outage;
}

void SessionKeeper::say(const RecoveryEvent& event) {
    event.warning ? log::warning(event.text) : log::info(event.text);
}

Status SessionKeeper::give_disk_back() const {
    if (!session_.hold) return {};
    session::Surroundings hurried = surroundings();
    hurried.until = now() + give_back_timeout;
    return session::release_disk(session_.account, recovery().portal(), *session_.hold, hurried);
}

session::Surroundings SessionKeeper::surroundings() const {
    const auto address_of = [this](const std::string& name) -> Result<IpAddress> {
        if (const auto known = executor_.address_of(name)) return *known;
        return net::resolve(*session_.name_servers, name, [] {});
    };
    return {.resolve = address_of, .on_progress = [] {}};
}

Status SessionKeeper::unbind() {
    const Status asked = kernel_.unbind_session(session_.handle);
    receive_queued();
    return asked;
}

void SessionKeeper::release() {
    released_ = true;
    executor_.stop();
    handed_over_.reset();
    if (state_timer_) loop_.cancel(*state_timer_);
}

Status SessionKeeper::send_logout() {
    release();
    iscsi::LogoutRequestPdu request;
    request.reason = iscsi::LogoutReason::close_session;
    const Status sent = kernel_.send_pdu(session_.handle, request.encode(), {});
    receive_queued();
    return sent;
}

void SessionKeeper::drop() {
    release();
    session::drop_from_kernel(kernel_, session_.handle);
}

void SessionKeeper::abandon() {
    release();
    if (fork() != 0) return;
    if (auto kernel = kernel_.another()) session::drop_from_kernel(*kernel, session_.handle);
    _exit(0);
}

}  // namespace bootwire::keeper
