#include "session/claim_error.h"

#include <cstdio>

#include "iscsi_initiator/reject_reason.h"
#include "session/reservation_key.h"

namespace bootwire::session {

namespace {

using namespace iscsi;
using std::string;

constexpr Remedy act = Remedy::operator_must_act;
constexpr Remedy wait = Remedy::waiting_helps;
constexpr const char* its_log = "see the target's log";

string in_words(const Sense& sense) {
    char text[32];
    std::snprintf(text, sizeof text, " (sense %x/%02x/%02x)", sense.key, sense.code,
                  sense.qualifier);
    return text;
}

Error in_use(const ClaimFailure& failure) {
    const string holder = failure.holder.empty() ? "" : string(failure.holder.view()) + ", ";
    return {"the disk is in use: it is reserved by " + holder + "key " + key_text(failure.key) +
                " (a Pi's key is its serial number)",
            "shut that machine down, which frees the disk; if it is gone for good, "
            "iscsi.exclusive=preempt takes the disk from it",
            wait};
}

Error not_reserved(const string& why, const Sense& sense) {
    return {"the target does not reserve the disk for us" + why + in_words(sense),
            "iscsi.exclusive= needs a target with SCSI-3 persistent reservations; tgt and LIO "
            "have them",
            act};
}

string in_words(const TaskFailure& failure) {
    switch (failure.problem) {
        case TaskProblem::none:
            break;
        case TaskProblem::connection_closed:
            return "it closed the connection";
        case TaskProblem::frame_too_long:
            return "it sent more than was asked for";
        case TaskProblem::digest_wrong:
            return "a digest is wrong";
        case TaskProblem::endless:
            return "it does not come to an end";
        case TaskProblem::wrong_task_tag:
            return "it answers something else";
        case TaskProblem::status_repeated:
            return "it gives an answer a second time";
        case TaskProblem::data_out_of_order:
            return "its data are not in order";
        case TaskProblem::wants_too_much:
            return "it asks for data that there are not";
        case TaskProblem::not_carried_out:
            return "it could not carry the command out";
        case TaskProblem::rejected:
            return "it rejected the command: " +
                   string(reject_reason_in_words(failure.reject_reason));
        case TaskProblem::session_ended:
            return "it ends the session";
        case TaskProblem::unexpected_pdu:
            return "it sent a PDU of type " + std::to_string(static_cast<int>(failure.opcode));
    }
    return "it failed";
}

}  // namespace

Error describe(const ClaimFailure& failure) {
    switch (failure.problem) {
        case ClaimProblem::none:
            break;
        case ClaimProblem::in_use:
            return in_use(failure);
        case ClaimProblem::endless:
            return {"the target comes to no end about who holds the disk", its_log, wait};
        case ClaimProblem::busy:
            return {"the target is too busy to reserve the disk", "", wait};
        case ClaimProblem::malformed_answer:
            return {"the target's answer about the disk's reservation makes no sense",
                    "leave iscsi.exclusive= out with this target", act};
        case ClaimProblem::old_reservation:
            return {"another machine holds the disk with a reservation of the old kind (RESERVE)",
                    "shut that machine down, or restart the target", wait};
        case ClaimProblem::cannot_note:
            return {"the target cannot write down who reserves the disk",
                    "LIO keeps that in a folder that has to be there: mkdir "
                    "/etc/rtslib-fb-target/pr on Debian, /etc/target/pr elsewhere",
                    wait};
        case ClaimProblem::not_ready:
            return {"the disk is not ready", its_log, wait};
        case ClaimProblem::no_access:
            return {"the disk takes no commands by this portal" + in_words(failure.sense),
                    "it may be on standby (ALUA), or not have the LUN; another portal of the "
                    "target's may do",
                    wait};
        case ClaimProblem::not_supported:
            return not_reserved(": it does not know persistent reservations", failure.sense);
        case ClaimProblem::refused:
            return not_reserved("", failure.sense);
    }
    return {"the disk is not reserved", "", act};
}

Error describe(const TaskFailure& failure) {
    return {"asking the target about the disk: " + in_words(failure), its_log, wait};
}

}  // namespace bootwire::session
