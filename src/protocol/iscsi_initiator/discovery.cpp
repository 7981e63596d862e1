#include "iscsi_initiator/discovery.h"

#include "base/text.h"
#include "iscsi/async.h"
#include "iscsi/name.h"
#include "iscsi_initiator/reject_reason.h"

namespace bootwire::iscsi {

namespace {

constexpr uint32_t text_task_tag = 1;
constexpr uint32_t logout_task_tag = 2;

constexpr const char* broken = "the target does not keep to the protocol; see its log";

Error repeated() {
    return {"discovery: the portal gives an answer a second time", broken,
            Remedy::operator_must_act};
}

Error ended_by_portal() {
    return {"discovery: the portal ends the session", "see the target's log",
            Remedy::waiting_helps};
}

}  // namespace

OperationalPreferences discovery_preferences() {
    OperationalPreferences preferences;
    preferences.max_recv_data_segment_length = login_data_length;
    // EMC VNX closes the connection at SendTargets where CRC32C was on offer.
    preferences.header_digest = preferences.data_digest = DigestPreference::none_only;
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
      status_(login.exp_stat_sn),
      max_cmd_sn_(login.max_cmd_sn),
      question_(reserved_tag),
      writer_(request_text_) {
    writer_.add("SendTargets", target.empty() ? "All" : target);
    go_on();
}

bool DiscoveryClient::window_is_open() const {
    return !is_after(cmd_sn_, max_cmd_sn_);
}

/// Section 4.2.2.1.
void DiscoveryClient::note_window(const TargetNumbers& numbers) {
    if (is_after(numbers.exp_cmd_sn - 1, numbers.max_cmd_sn)) return;
    if (is_after(numbers.max_cmd_sn, max_cmd_sn_)) max_cmd_sn_ = numbers.max_cmd_sn;
}

DiscoveryState DiscoveryClient::go_on() {
    const bool due = ping_ || logout_wanted_ || (question_ && window_is_open());
    return state_ = due ? DiscoveryState::sending : DiscoveryState::receiving;
}

PduView DiscoveryClient::pong() {
    NopOutPdu answer;
    answer.lun = ping_->lun;
    answer.target_transfer_tag = ping_->target_transfer_tag;
    answer.cmd_sn = cmd_sn_;
    answer.exp_stat_sn = status_.expected();
    request_ = answer.encode();
    ping_.reset();
    return {request_, {}};
}

PduView DiscoveryClient::question() {
    TextRequestPdu request;
    request.task_tag = text_task_tag;
    request.target_transfer_tag = *question_;
    request.cmd_sn = cmd_sn_++;
    request.exp_stat_sn = status_.expected();
    request_ = request.encode();
    set_data_length(request_, static_cast<uint32_t>(writer_.bytes().size()));
    question_.reset();
    return {request_, writer_.bytes()};
}

PduView DiscoveryClient::logout() {
    LogoutRequestPdu request;
    request.task_tag = logout_task_tag;
    request.cmd_sn = cmd_sn_;
    request.exp_stat_sn = status_.expected();
    request_ = request.encode();
    logout_wanted_ = false;
    logout_sent_ = true;
    return {request_, {}};
}

PduView DiscoveryClient::due_pdu() {
    if (ping_) return pong();
    return logout_wanted_ ? logout() : question();
}

std::optional<PduView> DiscoveryClient::next_pdu() {
    if (state_ != DiscoveryState::sending) return std::nullopt;
    const PduView pdu = due_pdu();
    go_on();
    return pdu;
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
    note_window(target_numbers_of(pdu.bhs));
    if (const auto response = TextResponsePdu::decode(pdu.bhs)) {
        return on_text(*response, pdu.data);
    }
    if (const auto ping = NopInPdu::decode(pdu.bhs)) {
        if (ping->target_transfer_tag != reserved_tag) ping_ = *ping;
        return go_on();
    }
    if (const auto message = AsyncMessagePdu::decode(pdu.bhs)) return on_async(*message);
    if (logout_sent_ && LogoutResponsePdu::decode(pdu.bhs)) return fail_with(ended_by_portal());
    if (const auto reject = RejectPdu::decode(pdu.bhs)) {
        return fail_with({"discovery: the portal rejected the request: " +
                              std::string(reject_reason_in_words(reject->reason)),
                          "name the target", Remedy::operator_must_act});
    }
    return fail_with({"discovery: expected a Text Response, got PDU type " +
                          std::to_string(static_cast<int>(opcode_of(pdu.bhs))),
                      "is it an iSCSI target?", Remedy::operator_must_act});
}

DiscoveryState DiscoveryClient::on_async(const AsyncMessagePdu& message) {
    if (!status_.take(message.stat_sn)) return fail_with(repeated());
    const AsyncEvent event = decode_async(message).event;
    if (event == AsyncEvent::logout_requested && !logout_sent_) {
        question_.reset();
        logout_wanted_ = true;
    } else if (ends_session(event)) {
        return fail_with(ended_by_portal());
    }
    return go_on();
}

DiscoveryState DiscoveryClient::on_text(const TextResponsePdu& response, Bytes data) {
    if (response.task_tag != text_task_tag || question_) {
        return fail_with(
            {"discovery: the response belongs to another task", broken, Remedy::operator_must_act});
    }
    // Section 11.11: what goes on is not final, and has a tag to go on with.
    const bool has_tag = response.target_transfer_tag != reserved_tag;
    if (response.final ? response.continues : !has_tag) {
        return fail_with({"discovery: the portal's response neither ends nor goes on", broken,
                          Remedy::operator_must_act});
    }
    if (!status_.take(response.stat_sn)) return fail_with(repeated());
    if (!received_.append(data)) {
        return fail_with({"discovery: the list of targets is longer than " +
                              std::to_string(max_discovery_text) + " bytes",
                          "name the target", Remedy::operator_must_act});
    }
    if (!response.final) {
        writer_.clear();
        question_ = response.target_transfer_tag;
        return go_on();
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
