#include "iscsi_initiator/claim.h"

namespace bootwire::iscsi {

namespace {

constexpr int max_commands = 24;  // two Pis that take turns in being faster end here
constexpr uint16_t reservation_length = 64;
constexpr uint16_t full_status_length = 4096;
// What LIO says when it cannot write its APTPL file (drivers/target/target_core_pr.c).
constexpr uint8_t asc_communication_failure = 8;

}  // namespace

Claim::Claim(uint64_t key, Intent intent) : key_(key), intent_(intent) {
    ask(intent == Intent::use ? Step::try_out : Step::look);
}

void Claim::ask(Step step) {
    step_ = step;
    switch (step) {
        case Step::try_out:
            command_ = test_unit_ready();
            break;
        case Step::look:
            command_ = reserve_in(ReserveIn::read_reservation, reservation_length);
            break;
        case Step::enter:
            command_ = reserve_out(ReserveOut::register_ignoring_key, 0, key_, aptpl_);
            break;
        case Step::reserve:
            command_ = reserve_out(ReserveOut::reserve, key_, 0);
            break;
        case Step::preempt:
            command_ = reserve_out(ReserveOut::preempt, key_, found_.key);
            break;
        case Step::give_back:
            command_ = reserve_out(ReserveOut::release, key_, 0);
            break;
        case Step::back_out:
        case Step::leave:
            // Asked for with APTPL like the rest: without it, LIO would forget on its disk what
            // others have registered.
            command_ = reserve_out(ReserveOut::register_ignoring_key, 0, 0, aptpl_);
            break;
        case Step::name:
            command_ = reserve_in(ReserveIn::read_full_status, full_status_length);
            break;
    }
}

ClaimState Claim::on_outcome(ScsiStatus status, Bytes sense, Bytes data) {
    if (state_ != ClaimState::asking) return state_;
    if (++commands_ > max_commands) return fail(ClaimProblem::endless);
    if (step_ == Step::try_out) return on_tried(status, sense);
    switch (status) {
        case ScsiStatus::good:
            return on_good(data);
        case ScsiStatus::check_condition:
            return on_check(sense);
        case ScsiStatus::reservation_conflict:
            return on_conflict();
        default:
            return fail(ClaimProblem::busy);
    }
}

/// Whatever else is wrong, the kernel knows what to do.
ClaimState Claim::on_tried(ScsiStatus status, Bytes data) {
    if (status != ScsiStatus::check_condition) return state_ = ClaimState::done;
    const Sense sense = decode_sense(data).value_or(Sense{});
    if (sense.key == sense_unit_attention) return state_;  // told once; the command goes again
    if (!is_of_the_way(sense)) return state_ = ClaimState::done;
    failure_.sense = sense;
    return fail(ClaimProblem::no_access);
}

ClaimState Claim::on_good(Bytes data) {
    switch (step_) {
        case Step::try_out:
            break;
        case Step::look:
            return on_look(data);
        case Step::enter:
            entered_ = true;
            return after_entering();
        case Step::reserve:
            return state_ = ClaimState::done;
        case Step::preempt:
            if (intent_ != Intent::release) return state_ = ClaimState::done;
            ask(Step::give_back);
            break;
        case Step::back_out:
            ask(Step::name);
            break;
        case Step::name:
            return in_use(data);
        case Step::give_back:
            ask(Step::leave);
            break;
        case Step::leave:
            return state_ = ClaimState::done;
    }
    return state_;
}

ClaimState Claim::on_look(Bytes data) {
    const auto reservation = decode_reservation(data);
    if (!reservation) return fail(ClaimProblem::malformed_answer);
    found_ = *reservation;
    const bool others = found_.held && found_.key != key_;
    if (intent_ == Intent::release && (others || !found_.held)) {
        ask(Step::leave);
    } else if (intent_ == Intent::claim && others) {
        ask(entered_ ? Step::back_out : Step::name);
    } else if (!entered_) {
        ask(Step::enter);
    } else {
        return after_entering();
    }
    return state_;
}

ClaimState Claim::after_entering() {
    const bool others = found_.held && found_.key != key_;
    if (others) {
        displaced_key_ = found_.key;
        ask(Step::preempt);
    } else if (intent_ == Intent::release) {
        // Whether it is held by this login or by an earlier one: afterwards it is by this one.
        ask(Step::preempt);
    } else {
        ask(Step::reserve);
    }
    return state_;
}

/// Another one holds the disk, or an earlier login of our own does.
ClaimState Claim::on_conflict() {
    switch (step_) {
        case Step::reserve:
            if (found_.held && found_.key == key_) {
                ask(Step::preempt);
            } else {
                ask(Step::look);
            }
            return state_;
        case Step::preempt:
            displaced_key_ = 0;
            ask(Step::look);
            return state_;
        case Step::back_out:
            ask(Step::name);
            return state_;
        case Step::give_back:
        case Step::leave:
            return state_ = ClaimState::done;  // nothing here is ours any more
        case Step::name:
            return in_use({});
        case Step::try_out:
        case Step::look:
        case Step::enter:
            break;
    }
    return fail(ClaimProblem::old_reservation);
}

ClaimState Claim::on_check(Bytes data) {
    const Sense sense = decode_sense(data).value_or(Sense{});
    if (sense.key == sense_unit_attention) return state_;  // told once; the command goes again
    if (step_ == Step::name) return in_use({});            // many targets do not tell names
    failure_.sense = sense;
    if (sense.key == sense_not_ready) {
        const bool cannot_note = step_ == Step::enter && sense.code == asc_communication_failure;
        return fail(cannot_note ? ClaimProblem::cannot_note : ClaimProblem::not_ready);
    }
    const bool registers = step_ == Step::enter || step_ == Step::back_out || step_ == Step::leave;
    if (registers && aptpl_ && sense.key == sense_illegal_request) {
        aptpl_ = false;  // tgt cannot remember reservations, and refuses to be asked for it
        ask(step_);
        return state_;
    }
    if (step_ == Step::leave) return state_ = ClaimState::done;
    return fail(sense.key == sense_illegal_request ? ClaimProblem::not_supported
                                                   : ClaimProblem::refused);
}

ClaimState Claim::in_use(Bytes full_status) {
    failure_.problem = ClaimProblem::in_use;
    failure_.key = found_.key;
    Registrants registrants(full_status);
    while (const auto registrant = registrants.next()) {
        if (registrant->holder && !registrant->initiator.empty()) {
            failure_.holder = registrant->initiator;
        }
    }
    return state_ = ClaimState::in_use;
}

ClaimState Claim::fail(ClaimProblem problem) {
    failure_.problem = problem;
    return state_ = ClaimState::failed;
}

}  // namespace bootwire::iscsi
