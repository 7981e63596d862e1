// The ways to the target: its portals, taken in turn. One that did not answer is asked again within
// a second; one that refused the login is left alone for longer each time, and does not hold up the
// others. Those that only the target has named come last and can't hold up the others, either: many
// a server lists addresses that lead nowhere from here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "plan/values.h"

namespace bootwire::keeper {

class Ways {
  public:
    using Random = std::function<uint32_t()>;
    static constexpr Milliseconds shortest_patience{5000};

    /// portals: at least one, in the order in which they are tried. Whatever others say, these
    /// stay.
    Ways(std::vector<plan::Portal> portals, Random random);
    /// A portal that the target itself has named. False if it is known already, or one too many.
    bool learn(const plan::Portal& portal);

    /// Whose turn it is.
    const plan::Portal& current() const { return ways_[turn_].portal; }
    bool current_is_learnt() const { return ways_[turn_].learnt; }
    /// How many have their turn before it comes round again: those given, and one of the learnt.
    size_t turns() const;

    void begin_attempt(Moment now);
    /// How long whoever has accepted the connection may take for each answer: longer each time that
    /// there was none, and never quite as long as for another machine.
    Milliseconds patience();
    /// The attempt came to nothing; the next one has its turn. True if that is news.
    bool no_answer(const std::string& why, Moment now);
    /// no_answer(), where nobody is there: whoever answers there next is given the shortest
    /// patience again.
    bool unreachable(const std::string& why, Moment now);
    /// no_answer(), of somebody who is there: has more time for his answers at the next attempt,
    /// and until that a pause that begins now.
    bool silent(const std::string& why, Moment now);
    /// Whoever has the turn needs more time for his answers.
    void give_more_time();
    /// The target does not want us, or not now, or leads us astray. True if that is news.
    bool refused(const std::string& why, Moment now);
    /// The attempt brought the session back.
    void welcomed();
    /// The session that the attempt brought is lost again already: the next one has its turn.
    void pass();
    /// The current way's portal has sent us somewhere else for good, and the session is there: that
    /// has the turn from now on. The old one stays behind the new one: should nobody be there any
    /// more, whoever has come back here says where to go. If there are too many ways already, one
    /// that nobody has named makes room; if all are named, the new one is not remembered.
    void moved_to(const plan::Portal& portal);

    /// Gives the turn to the way that may be asked first, and says when that is; a moment before
    /// `now` means at once.
    Moment next(Moment now);
    /// Gives the turn to a way that has not refused, if there is one.
    bool skip_refusals();
    /// The network is back: those that have not refused may be asked soon. Not at once: a switch
    /// that restarts gives all machines their link at the same moment.
    void hasten(Moment now);

  private:
    struct Way {
        plan::Portal portal;
        bool learnt = false;  ///< from the target; such ones are behind the others
        bool named = false;   ///< by the operator
        Moment not_before{0};
        unsigned refusals = 0;  ///< in a row
        Milliseconds patience = shortest_patience;
        std::string told{};  ///< the last trouble that the log has: it is told once
    };

    Milliseconds jittered(Milliseconds time, uint32_t least = 60, uint32_t most = 100);
    bool fail(const std::string& why);
    bool make_room();

    std::vector<Way> ways_;
    Random random_;
    size_t turn_ = 0;
};

}  // namespace bootwire::keeper
