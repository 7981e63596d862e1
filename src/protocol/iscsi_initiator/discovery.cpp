#include "iscsi_initiator/discovery.h"

#include "base/text.h"
#include "iscsi/name.h"
#include "iscsi_initiator/reject_reason.h"

namespace bootwire::iscsi {

namespace {

constexpr uint32_t text_task_tag = 1;

}  // namespace

OperationalPreferences discovery_preferences() {
    OperationalPreferences preferences;
    preferences.max_recv_data_segment_length = login_data_length;
    return preferences;
}

Result<std::vector<DiscoveredTarget>> decode_send_targets(Bytes text, std::string* left_out) {
    std::vector<DiscoveredTarget> targets;
    bool listed = false;   // a target, whose addresses follow
    bool skipped = false;  // it is left out, with its addresses
    TextKeyReader pairs(text);
    while (const auto pair = pairs.next()) {
        if (pair->key == "TargetName") {
            listed = true;
            skipped = !check_name(pair->value).ok();
            if (skipped) {
                if (left_out != nullptr && left_out->empty()) *left_out = printable(pair->value);
                continue;
            }
            if (targets.size() == max_discovered_targets) {
                return fail("the portal offers more than " +
                                std::to_string(max_discovered_targets) + " targets",
                            "name the target");
            }
            targets.push_back({std::string(pair->value), {}});
        } else if (pair->key == "TargetAddress") {
            if (!listed) {
                return fail("the portal's list of targets begins with an address");
            }
            if (skipped) continue;
            auto& portals = targets.back().portals;
            const auto address = TargetAddress::parse(pair->value);
            if (address && portals.size() < max_portals_of_target) portals.push_back(*address);
        }
    }
    if (pairs.problem() != TextProblem::none) {
        return fail("the portal's list of targets is malformed", "is it an iSCSI target?");
    }
    return targets;
}

DiscoveryClient::DiscoveryClient(const LoginResult& login, DiscoveryStorage& storage,
                                 std::string_view target)
    : received_(storage.text),
      cmd_sn_(login.cmd_sn),
      exp_stat_sn_(login.exp_stat_sn),
      writer_(request_text_) {
    writer_.add("SendTargets", target.empty() ? "All" : target);
    ask(reserved_tag, true);
}

void DiscoveryClient::ask(uint32_t transfer_tag, bool first) {
    if (!first) writer_.clear();
    TextRequestPdu request;
    request.task_tag = text_task_tag;
    request.target_transfer_tag = transfer_tag;
    request.cmd_sn = cmd_sn_++;
    request.exp_stat_sn = exp_stat_sn_;
    request_ = request.encode();
    state_ = DiscoveryState::sending;
}

void DiscoveryClient::answer_ping(const NopInPdu& ping) {
    NopOutPdu answer;
    answer.lun = ping.lun;
    answer.target_transfer_tag = ping.target_transfer_tag;
    answer.cmd_sn = cmd_sn_;
    answer.exp_stat_sn = exp_stat_sn_;
    request_ = answer.encode();
    writer_.clear();
    state_ = DiscoveryState::sending;
}

std::optional<PduView> DiscoveryClient::next_pdu() {
    if (state_ != DiscoveryState::sending) return std::nullopt;
    state_ = DiscoveryState::receiving;
    set_data_length(request_, static_cast<uint32_t>(writer_.bytes().size()));
    return PduView{request_, writer_.bytes()};
}

DiscoveryState DiscoveryClient::connection_closed() {
    if (state_ == DiscoveryState::finished || state_ == DiscoveryState::failed) return state_;
    return fail_with({"discovery: the portal closed the connection", "see the target's log",
                      Remedy::waiting_helps});
}

DiscoveryState DiscoveryClient::connection_unreadable(FrameState why) {
    if (state_ == DiscoveryState::finished || state_ == DiscoveryState::failed) return state_;
    return fail_with({why == FrameState::too_long
                          ? "discovery: the portal sent more data at once than was agreed on"
                          : "discovery: a digest is wrong",
                      "", Remedy::waiting_helps});
}

DiscoveryState DiscoveryClient::receive_pdu(const PduView& pdu) {
    if (state_ != DiscoveryState::receiving) return state_;
    if (++responses_ > max_discovery_responses) {
        return fail_with(
            {"discovery: no end after " + std::to_string(max_discovery_responses) + " responses",
             "name the target", Remedy::operator_must_act});
    }
    if (const auto response = TextResponsePdu::decode(pdu.bhs)) {
        return on_text(*response, pdu.data);
    }
    if (const auto ping = NopInPdu::decode(pdu.bhs)) {
        if (ping->target_transfer_tag != reserved_tag) answer_ping(*ping);
        return state_;
    }
    if (const auto reject = RejectPdu::decode(pdu.bhs)) {
        return fail_with({"discovery: the portal rejected the request: " +
                              std::string(reject_reason_in_words(reject->reason)),
                          "name the target", Remedy::operator_must_act});
    }
    if (opcode_of(pdu.bhs) == Opcode::async_message) {
        return fail_with({"discovery: the portal ends the session", "see the target's log",
                          Remedy::waiting_helps});
    }
    return fail_with({"discovery: expected a Text Response, got PDU type " +
                          std::to_string(static_cast<int>(opcode_of(pdu.bhs))),
                      "is it an iSCSI target?", Remedy::operator_must_act});
}

DiscoveryState DiscoveryClient::on_text(const TextResponsePdu& response, Bytes data) {
    exp_stat_sn_ = response.stat_sn + 1;
    if (!received_.append(data)) {
        return fail_with({"discovery: the list of targets is longer than " +
                              std::to_string(max_discovery_text) + " bytes",
                          "name the target", Remedy::operator_must_act});
    }
    if (response.continues || !response.final) {
        ask(response.target_transfer_tag, false);
        return state_;
    }
    auto targets = decode_send_targets(received_.text(), &left_out_);
    if (!targets) return fail_with(targets.error());
    targets_ = std::move(*targets);
    return state_ = DiscoveryState::finished;
}

DiscoveryState DiscoveryClient::fail_with(Error error) {
    error_ = std::move(error);
    return state_ = DiscoveryState::failed;
}

}  // namespace bootwire::iscsi
