// Getting a disk for oneself, and giving it back: the order of the commands of reservation.h and
// what follows from each answer. It sends nothing itself: its commands may go over a session of
// their own (task_client.h) or over the kernel's.
//
// A target should know an initiator again by its name and ISID. tgt, for one, takes each login for
// a new initiator: the disk is then held by an earlier login of ours, under the same key, which is
// preempted.
#pragma once

#include <cstdint>

#include "base/fixed_text.h"
#include "iscsi/name.h"
#include "iscsi/reservation.h"

namespace bootwire::iscsi {

enum class Intent : uint8_t {
    claim,      ///< hold the disk, unless another one does
    take_over,  ///< hold it in any case
    release,    ///< hold it no longer; nothing changes for others
    use,        ///< only see whether the disk takes commands by this way
};

enum class ClaimState : uint8_t {
    asking,  ///< command() is to be carried out
    done,
    in_use,  ///< another machine holds the disk; failure() names it
    failed,
};

enum class ClaimProblem : uint8_t {
    none,
    in_use,  ///< holder, key
    endless,
    busy,
    malformed_answer,  ///< about the disk's reservation
    old_reservation,   ///< another machine's RESERVE, which persistent reservations know nothing of
    cannot_note,       ///< LIO has no folder to note down what is to survive a loss of power
    not_ready,
    no_access,      ///< sense: not by this way, as a portal on standby says, or one without the LUN
    not_supported,  ///< sense
    refused,        ///< sense
};

/// Why a claim did not get what it wanted.
struct ClaimFailure {
    ClaimProblem problem = ClaimProblem::none;
    Sense sense;
    uint64_t key = 0;                   ///< the holder's
    FixedText<max_name_length> holder;  ///< its name; empty where the target tells none
};

class Claim {
  public:
    /// key: never 0, but for Intent::use.
    Claim(uint64_t key, Intent intent);

    ClaimState state() const { return state_; }
    /// What to carry out now.
    const ScsiCommand& command() const { return command_; }
    /// How it went. sense: of a CHECK CONDITION. data: what came from the target.
    ClaimState on_outcome(ScsiStatus status, Bytes sense, Bytes data);
    /// Once in_use or failed.
    const ClaimFailure& failure() const { return failure_; }
    /// Once done: the key of the machine that was preempted; 0 if none was, or only an earlier
    /// login of ours.
    uint64_t displaced_key() const { return displaced_key_; }

  private:
    enum class Step : uint8_t {
        try_out,
        look,
        enter,
        reserve,
        preempt,
        back_out,
        name,
        give_back,
        leave
    };

    void ask(Step step);
    ClaimState on_tried(ScsiStatus status, Bytes sense);
    ClaimState on_check(Bytes sense);
    ClaimState on_conflict();
    ClaimState on_good(Bytes data);
    ClaimState on_look(Bytes data);
    ClaimState after_entering();
    ClaimState in_use(Bytes full_status);
    ClaimState fail(ClaimProblem problem);

    uint64_t key_;
    Intent intent_;
    ClaimState state_ = ClaimState::asking;
    Step step_ = Step::look;
    ScsiCommand command_;
    int commands_ = 0;
    bool entered_ = false;  ///< our key is registered
    bool aptpl_ = true;
    Reservation found_;
    uint64_t displaced_key_ = 0;
    ClaimFailure failure_;
};

}  // namespace bootwire::iscsi
