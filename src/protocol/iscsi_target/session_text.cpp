// Text in the full feature phase (RFC 7143 sections 6.2, 11.10, 11.11 and appendix C): SendTargets,
// and the few keys that may still be spoken of.
#include <algorithm>
#include <array>

#include "iscsi_target/target_session.h"

namespace bootwire::iscsi {

namespace {

using Kind = SessionEvent::Kind;

}  // namespace

void TargetSession::on_text(const TextRequestPdu& request, Bytes data) {
    const bool goes_on = request.target_transfer_tag != reserved_tag;
    if ((request.final && request.continues) || request.task_tag == reserved_tag || targets_due_) {
        return fail();
    }
    if (goes_on) {
        const bool expected = text_request_ && request.task_tag == text_request_->task_tag &&
                              request.target_transfer_tag == text_tag_;
        if (!expected) return fail();
    } else {
        // A new exchange ends the one before (section 11.10.4).
        text_in_.clear();
        text_out_.clear();
        text_sent_ = 0;
    }
    text_request_ = request;
    if (text_sent_ < text_out_.size() && data.empty()) return send_text();
    if (text_in_.size() + data.size() > max_text_length) return fail();
    text_in_.insert(text_in_.end(), data.begin(), data.end());
    if (request.continues) return send_text();  // an empty one asks for the rest
    answer_text();
}

void TargetSession::answer_text() {
    std::array<uint8_t, login_data_length> storage;
    TextKeyWriter answers(storage);
    TextKeyReader pairs(text_in_);
    while (const auto pair = pairs.next())
        take_text_pair(*pair, answers);
    if (pairs.problem() != TextProblem::none || answers.overflowed()) return fail();
    text_in_.clear();
    text_out_.assign(answers.bytes().begin(), answers.bytes().end());
    text_sent_ = 0;
    if (!targets_due_) send_text();
}

void TargetSession::take_text_pair(TextPair pair, TextKeyWriter& answers) {
    if (pair.key == "SendTargets") {
        // Section 13.3 (appendix C): in a Normal session only of the target at hand.
        const bool all = pair.value == "All";
        if (targets_due_ || (all && type_ == SessionType::normal)) {
            answers.add(pair.key, "Reject");
            return;
        }
        targets_due_ = true;
        SessionEvent event(Kind::targets_wanted);
        event.text = pair.value;
        tell(std::move(event));
    } else if (pair.key == "MaxRecvDataSegmentLength") {
        const KeyRule& rule = rule_of(Key::max_recv_data_segment_length);
        const auto length = parse_numerical(pair.value);
        if (!length || *length < rule.minimum || *length > rule.maximum) {
            answers.add(pair.key, "Reject");
        } else {
            parameters_.max_xmit_dlength = *length;
        }
    } else if (pair.value != "NotUnderstood" && pair.value != "Reject" &&
               pair.value != "Irrelevant") {
        answers.add(pair.key, find_key(pair.key) ? "Reject" : "NotUnderstood");
    }
}

void TargetSession::answer_targets(Bytes text) {
    if (!targets_due_) return;
    targets_due_ = false;
    text_out_.insert(text_out_.end(), text.begin(), text.end());
    send_text();
}

/// As much as one PDU takes; the initiator asks for more with the tag.
void TargetSession::send_text() {
    const size_t left = text_out_.size() - text_sent_;
    const size_t length = std::min<size_t>(left, parameters_.max_xmit_dlength);
    TextResponsePdu response;
    response.task_tag = text_request_->task_tag;
    response.continues = length < left;
    response.final = text_request_->final && !response.continues;
    if (!response.final) text_tag_ = response.target_transfer_tag = new_tag();
    push(response.encode(), Bytes(text_out_).subspan(text_sent_, length));
    text_sent_ += length;
    if (response.final) text_request_.reset();
}

}  // namespace bootwire::iscsi
