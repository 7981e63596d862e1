#include "crowd_member.h"

#include <algorithm>
#include <utility>

#include "net/tcp.h"
#include "session/stream_error.h"

namespace bootwire::peer {

namespace {

constexpr uint32_t task_tag = 1;
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
                         const std::string& target,
                         const std::shared_ptr<const net::NameServers>& name_servers,
                         unsigned number)
    : loop_(loop),
      tally_(tally),
      account_(account_of(target, number)),
      executor_(loop, *this, account_, {{{portal.address, portal.port}}, name_servers, {}}) {}

CrowdMember::~CrowdMember() {
    stop_connection();
}

void CrowdMember::become(unsigned Tally::* what) {
    if (is_ != nullptr) --(tally_.*is_);
    is_ = what;
    if (is_ != nullptr) ++(tally_.*is_);
    tally_.most_logging_in = std::max(tally_.most_logging_in, tally_.logging_in);
}

void CrowdMember::stop_connection() {
    if (socket_.valid()) loop_.unwatch(socket_.get());
    pdus_.reset();
    socket_.reset();
    become(nullptr);
}

Result<uint32_t> CrowdMember::next_cmd_sn() {
    return first_cmd_sn;
}

Status CrowdMember::bind(Fd socket) {
    ++tally_.logins;
    become(&Tally::logging_in);
    exp_stat_sn_ = 0;
    socket_ = std::move(socket);
    pdus_.emplace(socket_.get());
    loop_.watch(socket_.get(), [this] { receive(); });
    return {};
}

void CrowdMember::receive() {
    const auto pdu = pdus_->try_receive();
    if (!pdu) return executor_.lost(session::stream_error(pdu.error()));
    if (!*pdu) return;
    if (const auto response = iscsi::LoginResponsePdu::decode((*pdu)->bhs)) {
        exp_stat_sn_ = response->stat_sn + 1;
    }
    executor_.receive(**pdu);
}

/// With the numbers that the kernel would stamp on it.
Status CrowdMember::send(const keeper::SendPdu& pdu) {
    iscsi::Bhs header = pdu.header;
    if (auto request = iscsi::LoginRequestPdu::decode(pdu.header)) {
        request->task_tag = task_tag;
        request->cmd_sn = first_cmd_sn;
        request->exp_stat_sn = exp_stat_sn_;
        header = request->encode();
    }
    const auto sent = pdus_->try_send(header, pdu.data);
    return sent ? Status{} : fail(session::stream_error(sent.error()));
}

Status CrowdMember::start(const plan::Portal&, const iscsi::LoginResult&) {
    net::watch_other_end(socket_, false);
    become(&Tally::connected);
    return {};
}

}  // namespace bootwire::peer
