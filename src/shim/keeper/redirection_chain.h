// The redirections of one attempt to log in (RFC 7143 section 11.13.5). Anybody may redirect,
// before he has proved anything: they are few, lead only to where a target can be, are seldom told,
// and count for good only once the session is there.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/time.h"
#include "iscsi_initiator/login.h"
#include "keeper/seldom.h"
#include "plan/values.h"

namespace bootwire::keeper {

class RedirectionChain {
  public:
    /// Nothing is remembered that the operator has not named.
    void keep_to_named_portals() { named_only_ = true; }

    /// A new attempt begins where we were told to.
    void begin();
    /// Where to go on, or why not there.
    std::expected<plan::Portal, std::string> follow(const iscsi::LoginRedirection& to);
    /// What the log is to have of a redirection that is followed.
    std::optional<std::string> told(const plan::Portal& from, const plan::Portal& to, Moment now);

    /// Whether this attempt is where somebody else has sent it.
    bool any() const { return hops_ > 0; }
    /// The session is there: whether the next attempt is to begin there, too. proved: whoever let
    /// us in has, if that was asked for.
    bool are_for_good(bool proved) const { return moved_ && proved && !named_only_; }

  private:
    unsigned hops_ = 0;   ///< in a row
    bool moved_ = false;  ///< the last of them was for good
    bool named_only_ = false;
    Seldom told_;
};

}  // namespace bootwire::keeper
