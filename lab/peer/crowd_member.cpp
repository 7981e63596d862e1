#include "crowd_member.h"

#include <algorithm>
#include <string>

#include "net/tcp.h"
#include "os/clock.h"
#include "os/random.h"
#include "session/connect_error.h"
#include "session/stream_error.h"

namespace bootwire::peer {

namespace {

using keeper::Recovery;

constexpr uint32_t only_task_tag = 1;
constexpr uint32_t first_cmd_sn = 1;

session::Account account_of(const std::string& target, unsigned number) {
    session::Account account;
    account.initiator = "iqn.2026-11.local.bootwire:crowd-" + std::to_string(number);
    account.target = target;
    account.isid = iscsi::Isid::from_serial(account.initiator);
    return account;
}

}  // namespace

CrowdMember::CrowdMember(EventLoop& loop, Tally& tally, const Endpoint& portal,
                         const std::string& target, unsigned number)
    : loop_(loop),
      tally_(tally),
      portal_(portal),
      account_(account_of(target, number)),
      recovery_(account_, {{portal.address, portal.port}}, random_number) {}

CrowdMember::~CrowdMember() {
    disconnect();
    if (timer_) loop_.cancel(*timer_);
}

void CrowdMember::begin() {
    perform(recovery_.on_lost("it begins", now()));
}

void CrowdMember::perform(keeper::RecoveryActions actions) {
    for (keeper::RecoveryAction& action : actions) {
        keeper::RecoveryActions then;
        if (std::holds_alternative<keeper::Connect>(action)) {
            connect();
        } else if (std::holds_alternative<keeper::Disconnect>(action) ||
                   std::holds_alternative<keeper::StopConnection>(action)) {
            disconnect();
        } else if (const auto* pdu = std::get_if<keeper::SendPdu>(&action)) {
            then = send(*pdu);
        } else if (std::holds_alternative<keeper::Start>(action)) {
            then = recovery_.on_started({}, now());
        } else if (std::holds_alternative<keeper::Recovered>(action)) {
            ++tally_.returns;
        }
        count();
        if (!then.empty()) {
            // The rest of these actions belonged to an attempt that has ended with this one.
            perform(std::move(then));
            break;
        }
    }
    count();
    set_timer();
}

void CrowdMember::connect() {
    disconnect();
    ++tally_.attempts;
    auto socket = net::begin_connect(portal_);
    if (!socket) return perform(recovery_.on_connect_failed(session::connect_error(portal_, socket.error()).what, now()));
    socket_ = std::move(*socket);
    loop_.watch(
        socket_.get(), [this] { connected(); }, POLLOUT);
}

void CrowdMember::connected() {
    loop_.unwatch(socket_.get());
    if (auto finished = net::finish_connect(socket_); !finished) {
        socket_.reset();
        return perform(recovery_.on_connect_failed(session::connect_error(portal_, finished.error()).what, now()));
    }
    ++tally_.logins;
    exp_stat_sn_ = 0;
    pdus_.emplace(socket_.get());
    loop_.watch(socket_.get(), [this] { receive(); });
    perform(recovery_.on_connected(now()));
}

void CrowdMember::disconnect() {
    if (socket_.valid()) loop_.unwatch(socket_.get());
    pdus_.reset();
    socket_.reset();
}

void CrowdMember::receive() {
    const auto pdu = pdus_->try_receive();
    if (!pdu) return perform(recovery_.on_lost(session::stream_error(pdu.error()), now()));
    if (!*pdu) return;
    if (const auto response = iscsi::LoginResponsePdu::decode((*pdu)->bhs)) {
        exp_stat_sn_ = response->stat_sn + 1;
    }
    perform(recovery_.on_pdu(**pdu, now()));
}

/// With the numbers that the kernel would stamp on it.
keeper::RecoveryActions CrowdMember::send(const keeper::SendPdu& pdu) {
    iscsi::Bhs header = pdu.header;
    if (auto request = iscsi::LoginRequestPdu::decode(pdu.header)) {
        request->task_tag = only_task_tag;
        request->cmd_sn = first_cmd_sn;
        request->exp_stat_sn = exp_stat_sn_;
        header = request->encode();
    }
    const auto sent = pdus_->try_send(header, pdu.data);
    if (sent) return {};
    return recovery_.on_lost(session::stream_error(sent.error()), now());
}

/// What changed since it was counted the last time.
void CrowdMember::count() {
    const Recovery::State before = std::exchange(counted_, recovery_.state());
    const auto is = [&](Recovery::State state) { return counted_ == state ? 1u : 0u; };
    const auto was = [&](Recovery::State state) { return before == state ? 1u : 0u; };
    tally_.connected += is(Recovery::State::established) - was(Recovery::State::established);
    tally_.logging_in += is(Recovery::State::logging_in) - was(Recovery::State::logging_in);
    tally_.most_logging_in = std::max(tally_.most_logging_in, tally_.logging_in);
}

void CrowdMember::set_timer() {
    loop_.move(timer_, recovery_.next_deadline(), [this] { perform(recovery_.on_timer(now())); });
}

}  // namespace bootwire::peer
