#include "keeper/recovery_executor.h"

#include <poll.h>

#include <utility>

#include "base/overloaded.h"
#include "net/tcp.h"
#include "os/clock.h"
#include "os/random.h"
#include "session/connect_error.h"
#include "session/elsewhere.h"
#include "session/stream_error.h"

namespace bootwire::keeper {

RecoveryExecutor::RecoveryExecutor(EventLoop& loop, Initiator& initiator,
                                   const session::Account& account, const Whereabouts& where)
    : loop_(loop),
      initiator_(initiator),
      recovery_(account, where.portals, random_number),
      addresses_(where.addresses),
      look_ups_(loop, where.name_servers,
                [this](const std::string& name, const LookUps::Answer& answer) {
                    looked_up(name, answer);
                }) {}

RecoveryExecutor::~RecoveryExecutor() {
    stop();
}

void RecoveryExecutor::stop() {
    stopped_ = true;
    disconnect();
    look_ups_.forget_all();
    if (timer_) loop_.cancel(*timer_);
}

void RecoveryExecutor::lost(const std::string& reason) {
    if (!stopped_) perform(recovery_.on_lost(reason, now()));
}

void RecoveryExecutor::no_io(const std::string& reason) {
    if (!stopped_) perform(recovery_.on_no_io(reason, now()));
}

void RecoveryExecutor::receive(const iscsi::PduView& pdu) {
    if (!stopped_) perform(recovery_.on_pdu(pdu, now(), initiator_.has_commands()));
}

void RecoveryExecutor::network_back() {
    if (!stopped_) perform(recovery_.on_network_back(now()));
}

void RecoveryExecutor::renew(const std::string& reason) {
    if (!stopped_) perform(recovery_.on_renew(reason, now()));
}

void RecoveryExecutor::access_changed() {
    if (!stopped_) perform(recovery_.on_access_changed(now()));
}

void RecoveryExecutor::learn(const std::vector<plan::Portal>& portals) {
    if (!stopped_) perform(recovery_.learn(portals));
}

std::optional<IpAddress> RecoveryExecutor::address_of(const std::string& name) const {
    return addresses_.current(name);
}

void RecoveryExecutor::perform(RecoveryActions actions) {
    while (!actions.empty()) {
        RecoveryActions then;
        for (const RecoveryAction& action : actions) {
            then = carry_out(action);
            // The rest of these actions belonged to an attempt that has ended with this one.
            if (!then.empty()) break;
        }
        actions = std::move(then);
    }
    set_timer();
    initiator_.carried_out();
}

/// What follows from it at once: what fails is a lost connection again, which the state machine is
/// told without delay.
RecoveryActions RecoveryExecutor::carry_out(const RecoveryAction& action) {
    RecoveryActions then;
    std::visit(Overloaded{
                   [&](const StopConnection&) { initiator_.stop_connection(); },
                   [&](const Connect& to) { then = connect(to); },
                   [&](const Disconnect&) { disconnect(); },
                   [&](const Bind&) { then = bind(); },
                   [&](const SendPdu& pdu) { then = send(pdu); },
                   [&](const UseDigests& use) { pdus_->use_digests(use.digests); },
                   [&](const Start& start) {
                       then = recovery_.on_started(
                           initiator_.start(recovery_.portal(), start.result), now());
                   },
                   [&](const Recovered& recovered) {
                       name_trouble_.clear();
                       initiator_.recovered(recovered);
                   },
                   [&](const RecoveryEvent& event) { initiator_.say(event); },
               },
               action);
    return then;
}

/// A name's known address is tried at once, and what the name servers say meanwhile is for the next
/// attempt: they may be away together with the target.
RecoveryActions RecoveryExecutor::connect(const Connect& to) {
    disconnect();
    ++attempts_;
    asked_ = to.portal;
    led_there_ = to.led_there;
    if (const auto* name = std::get_if<std::string>(&asked_.host)) look_ups_.begin(*name);
    const auto address = addresses_.choose(asked_.host, to.same_address);
    awaits_address_ = !address;
    return address ? connect_to(*address) : RecoveryActions{};
}

RecoveryActions RecoveryExecutor::connect_to(const IpAddress& address) {
    endpoint_ = {address, asked_.port};
    if (led_there_ && !session::can_be_elsewhere(address)) {
        return recovery_.on_connect_failed(endpoint_.to_string() + ": no target can be there",
                                           now());
    }
    auto socket = net::begin_connect(endpoint_);
    if (!socket) return connect_failed(socket.error());
    recovery_.on_connecting(now());
    socket_ = std::move(*socket);
    loop_.watch(socket_.get(), [this] { connected(); }, POLLOUT);
    return {};
}

RecoveryActions RecoveryExecutor::connect_failed(int error) {
    return recovery_.on_connect_failed(session::connect_error(endpoint_, error).what, now());
}

void RecoveryExecutor::looked_up(const std::string& name, const LookUps::Answer& answer) {
    if (answer) addresses_.learn(name, *answer);
    const bool awaited = awaits_address_ && asked_.host == plan::Host(name);
    if (awaited) {
        awaits_address_ = false;
        return perform(answer ? connect_to(*addresses_.choose(asked_.host, true))
                              : recovery_.on_connect_failed(answer.error().what, now()));
    }
    if (answer || answer.error().what == name_trouble_) return;
    name_trouble_ = answer.error().what;
    if (address_of(name)) initiator_.say({name_trouble_ + "; going by what it last said"});
}

void RecoveryExecutor::connected() {
    loop_.unwatch(socket_.get());
    if (auto finished = net::finish_connect(socket_); !finished) {
        socket_.reset();
        return perform(connect_failed(finished.error()));
    }
    net::watch_other_end(socket_, true);
    const bool itself = recovery_.logs_in_itself() && !knows_no_cmd_sn_;
    perform(itself ? log_in_over_socket() : recovery_.on_connected(now()));
}

/// A disk that is held has to be reserved, or there is no connection; any other is better had
/// without having been tried out than not at all.
RecoveryActions RecoveryExecutor::log_in_over_socket() {
    const auto cmd_sn = initiator_.next_cmd_sn();
    if (!cmd_sn && recovery_.holds()) {
        disconnect();
        return recovery_.on_connect_failed(cmd_sn.error().what, now());
    }
    if (!cmd_sn) {
        knows_no_cmd_sn_ = true;
        initiator_.say({cmd_sn.error().what + "; portals are not tried out any more", true});
        return recovery_.on_connected(now());
    }
    pdus_.emplace(socket_.get());
    loop_.watch(socket_.get(), [this] { receive_from_socket(); });
    return recovery_.on_connected(now(), *cmd_sn);
}

/// One PDU at a time: what follows may be for the initiator already.
void RecoveryExecutor::receive_from_socket() {
    const auto pdu = pdus_->try_receive();
    if (!pdu) return lost(session::stream_error(pdu.error()));
    if (*pdu) receive(**pdu);
}

void RecoveryExecutor::disconnect() {
    if (socket_.valid()) loop_.unwatch(socket_.get());
    pdus_.reset();
    socket_.reset();
    awaits_address_ = false;
}

RecoveryActions RecoveryExecutor::bind() {
    loop_.unwatch(socket_.get());
    pdus_.reset();
    const auto bound = initiator_.bind(std::move(socket_));
    return bound ? RecoveryActions{} : recovery_.on_lost(bound.error().what, now());
}

RecoveryActions RecoveryExecutor::send(const SendPdu& pdu) {
    std::string why;
    if (!pdus_) {
        const auto sent = initiator_.send(pdu);
        if (!sent) why = sent.error().what;
    } else if (const auto sent = pdus_->try_send(pdu.header, pdu.data); !sent) {
        why = session::stream_error(sent.error());
    }
    return why.empty() ? RecoveryActions{} : recovery_.on_lost(why, now());
}

void RecoveryExecutor::set_timer() {
    loop_.move(timer_, recovery_.next_deadline(), [this] { perform(recovery_.on_timer(now())); });
}

}  // namespace bootwire::keeper
