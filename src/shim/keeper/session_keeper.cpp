#include "keeper/session_keeper.h"

#include <unistd.h>

#include "base/text.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/random.h"
#include "session/connect_error.h"
#include "session/kernel_cmd_sn.h"
#include "session/reserve.h"
#include "session/start.h"
#include "session/stream_error.h"

namespace bootwire::keeper {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kLookAtStateEvery = 2s;
constexpr size_t kMostOutages = 32;

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

}  // namespace

SessionKeeper::SessionKeeper(EventLoop& loop, session::KernelInitiator kernel, KeptSession session,
                             Fd connection_state)
    : loop_(loop),
      kernel_(std::move(kernel)),
      session_(std::move(session)),
      connection_state_(std::move(connection_state)),
      recovery_(session_.account, session_.portals, random_number),
      addresses_(session_.addresses),
      look_ups_(loop, session_.resolver,
                [this](const std::string& name, const LookUps::Answer& answer) {
                    looked_up(name, answer);
                }),
      connected_at_(now()) {
    if (session_.hold) recovery_.hold(*session_.hold);
    loop_.watch(kernel_.fd(), [this] { receive_events(); });
    look_at_state();
}

SessionKeeper::~SessionKeeper() {
    loop_.unwatch(kernel_.fd());
    disconnect();
    if (timer_) loop_.cancel(*timer_);
    if (state_timer_) loop_.cancel(*state_timer_);
}

void SessionKeeper::network_back() {
    if (!released_) perform(recovery_.on_network_back(now()));
}

void SessionKeeper::learn(const std::vector<plan::Portal>& portals) {
    if (!released_) perform(recovery_.learn(portals));
}

void SessionKeeper::reconnect(const std::string& reason) {
    if (!released_) perform(recovery_.on_renew(reason, now()));
}

Status SessionKeeper::give_disk_back() const {
    if (!session_.hold) return {};
    return session::release_disk(session_.account, recovery_.portal(), *session_.hold, waiting());
}

session::Surroundings SessionKeeper::waiting() const {
    const auto address_of = [this](const std::string& name) -> Result<IpAddress> {
        if (const auto known = addresses_.current(name)) return *known;
        return net::resolve(*session_.resolver, name, [] {});
    };
    return {address_of, [] {}};
}

void SessionKeeper::receive_events() {
    while (const auto event = kernel_.next_event()) {
        if (event->sid != session_.handle.sid) continue;
        if (event->kind == session::KernelEvent::Kind::session_unbound) {
            if (observer_.unbound) observer_.unbound();
        } else if (released_) {
            receive_last(*event);
        } else if (event->kind == session::KernelEvent::Kind::connection_error) {
            perform(recovery_.on_lost(session::connection_error_text(event->error), now()));
        } else if (event->kind == session::KernelEvent::Kind::received_pdu) {
            perform(recovery_.on_pdu({event->header, event->data}, now()));
        }
    }
}

/// What the old connection still had to say; but not that the disk is gone, which is said once.
void SessionKeeper::forget_events() {
    while (const auto event = kernel_.next_event()) {
        const bool unbound = event->kind == session::KernelEvent::Kind::session_unbound;
        if (!unbound || event->sid != session_.handle.sid) continue;
        loop_.at(now(), [this] {
            if (observer_.unbound) observer_.unbound();
        });
    }
}

/// While the session ends, nothing is restored.
void SessionKeeper::receive_last(const session::KernelEvent& event) {
    if (event.kind == session::KernelEvent::Kind::connection_error) {
        connected_ = false;
        if (observer_.connection) observer_.connection(false);
    } else if (const auto response = iscsi::LogoutResponsePdu::decode(event.header)) {
        if (observer_.logged_out) observer_.logged_out(*response);
    }
}

/// The kernel's events are multicast without acknowledgement: one that got lost shows here.
void SessionKeeper::look_at_state() {
    char text[16] = {};
    const ssize_t count = pread(connection_state_.get(), text, sizeof text - 1, 0);
    const std::string_view state = trim({text, count > 0 ? static_cast<size_t>(count) : 0});
    if (state == "failed" && recovery_.state() == Recovery::State::established) {
        perform(recovery_.on_lost("the kernel has given it up", now()));
    }
    state_timer_ = loop_.at(now() + kLookAtStateEvery, [this] { look_at_state(); });
}

/// A name's known address is tried at once, and what the name servers say meanwhile is for the next
/// attempt: they may be away together with the target.
void SessionKeeper::connect(const Connect& to) {
    disconnect();
    asked_ = to.portal;
    if (const auto* name = std::get_if<std::string>(&asked_.host)) look_ups_.begin(*name);
    const auto address = addresses_.choose(asked_.host, to.same_address);
    awaits_address_ = !address;
    if (address) connect_to(*address);
}

void SessionKeeper::connect_to(const IpAddress& address) {
    endpoint_ = {address, asked_.port};
    auto socket = net::begin_connect(endpoint_);
    if (!socket) return connect_failed(socket.error());
    recovery_.on_connecting(now());
    socket_ = std::move(*socket);
    loop_.watch(
        socket_.get(), [this] { connected(); }, POLLOUT);
}

void SessionKeeper::connect_failed(int error) {
    perform(recovery_.on_connect_failed(session::connect_error(endpoint_, error).what, now()));
}

void SessionKeeper::looked_up(const std::string& name, const LookUps::Answer& answer) {
    if (answer) addresses_.learn(name, *answer);
    const bool awaited = awaits_address_ && asked_.host == plan::Host(name);
    if (awaited) {
        awaits_address_ = false;
        if (!answer) return perform(recovery_.on_connect_failed(answer.error().what, now()));
        connect_to(*addresses_.choose(asked_.host, true));
        return set_timer();
    }
    if (answer || answer.error().what == name_trouble_) return;
    name_trouble_ = answer.error().what;
    if (addresses_.current(name)) log::info(name_trouble_ + "; going by what it last said");
}

void SessionKeeper::connected() {
    loop_.unwatch(socket_.get());
    if (auto finished = net::finish_connect(socket_); !finished) {
        socket_.reset();
        return connect_failed(finished.error());
    }
    net::watch_other_end(socket_, true);
    if (recovery_.holds()) return log_in_over_socket();
    perform(recovery_.on_connected(now()));
}

void SessionKeeper::log_in_over_socket() {
    const auto cmd_sn = kernel_cmd_sn(kernel_, session_.handle);
    forget_events();
    if (!cmd_sn) {
        disconnect();
        return perform(recovery_.on_connect_failed(cmd_sn.error().what, now()));
    }
    pdus_.emplace(socket_.get());
    loop_.watch(socket_.get(), [this] { receive_from_socket(); });
    perform(recovery_.on_connected(now(), *cmd_sn));
}

/// One PDU at a time: what follows may be for the kernel already.
void SessionKeeper::receive_from_socket() {
    const auto pdu = pdus_->try_receive();
    if (!pdu) return perform(recovery_.on_lost(session::stream_error(pdu.error()), now()));
    if (*pdu) perform(recovery_.on_pdu(**pdu, now()));
}

RecoveryActions SessionKeeper::send(const SendPdu& pdu) {
    std::string why;
    if (!pdus_) {
        const auto sent = kernel_.send_pdu(session_.handle, pdu.header, pdu.data);
        if (!sent) why = sent.error().what;
    } else if (const auto sent = pdus_->try_send(pdu.header, pdu.data); !sent) {
        why = session::stream_error(sent.error());
    }
    return why.empty() ? RecoveryActions{} : recovery_.on_lost(why, now());
}

void SessionKeeper::disconnect() {
    if (socket_.valid()) loop_.unwatch(socket_.get());
    pdus_.reset();
    socket_.reset();
    handed_over_.reset();
    awaits_address_ = false;
}

/// What the kernel refuses is a lost connection again, which the state machine is told at once.
RecoveryActions SessionKeeper::bind() {
    const auto bound = kernel_.bind_connection(session_.handle, socket_.get());
    Fd handed_over = std::move(socket_);  // the kernel has its own reference
    loop_.unwatch(handed_over.get());
    disconnect();
    handed_over_ = std::move(handed_over);
    if (bound) return {};
    return recovery_.on_lost(bound.error().what, now());
}

void SessionKeeper::perform(RecoveryActions actions) {
    for (RecoveryAction& action : actions) {
        RecoveryActions then;
        std::visit(
            Overloaded{
                [&](const StopConnection&) {
                    const auto stopped =
                        kernel_.stop_connection(session_.handle, session::StopReason::recover);
                    if (!stopped) log::warning(stopped.error().what);
                    handed_over_.reset();
                    forget_events();
                },
                [&](const Connect& to) { connect(to); },
                [&](const Disconnect&) { disconnect(); },
                [&](const Bind&) { then = bind(); },
                [&](const SendPdu& pdu) { then = send(pdu); },
                [&](const UseDigests& use) { pdus_->use_digests(use.digests); },
                [&](const Start& start) {
                    session_.parameters = start.result.parameters;
                    net::watch_other_end(handed_over_, false);
                    handed_over_.reset();
                    then = recovery_.on_started(
                        session::configure_and_start(kernel_, session_.handle, session_.account,
                                            recovery_.portal(), start.result, session_.recovery),
                        now());
                },
                [&](const Recovered& back) { recovered(back); },
                [&](const RecoveryEvent& event) {
                    event.warning ? log::warning(event.text) : log::info(event.text);
                },
            },
            action);
        if (!then.empty()) {
            // The rest of these actions belonged to an attempt that has ended with this one.
            perform(std::move(then));
            break;
        }
    }
    if (recovery_.state() == Recovery::State::displaced && settled_) settled_();
    if (kernel_.has_queued_event()) loop_.at(now(), [this] { receive_events(); });
    set_timer();
    tell_of_connection();
}

void SessionKeeper::tell_of_connection() {
    const bool connected = recovery_.state() == Recovery::State::established;
    if (connected == std::exchange(connected_, connected)) return;
    if (observer_.connection) observer_.connection(connected);
}

void SessionKeeper::recovered(const Recovered& recovered) {
    log::info("the session is back at " + recovered.portal.to_string() + " after " +
              std::to_string(recovered.outage.count()) + " ms");
    connected_at_ = now();
    name_trouble_.clear();
    outages_.push_back({recovery_.lost_at(), recovered.outage, recovery_.loss()});
    if (outages_.size() > kMostOutages) outages_.pop_front();
    ++outage_count_;
    outage_time_ += recovered.outage;
    if (settled_) settled_();
    if (back_) back_();
}

void SessionKeeper::set_timer() {
    loop_.move(timer_, recovery_.next_deadline(), [this] { perform(recovery_.on_timer(now())); });
}

Status SessionKeeper::unbind() {
    return kernel_.unbind_session(session_.handle);
}

void SessionKeeper::release() {
    released_ = true;
    disconnect();
    look_ups_.forget_all();
    if (timer_) loop_.cancel(*timer_);
    if (state_timer_) loop_.cancel(*state_timer_);
}

Status SessionKeeper::send_logout() {
    release();
    iscsi::LogoutRequestPdu request;
    request.reason = iscsi::LogoutReason::close_session;
    return kernel_.send_pdu(session_.handle, request.encode(), {});
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
