// Asking DNS for the address of a host.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "dns/resolver.h"

namespace bootwire::net {

struct Resolver {
    std::vector<IpAddress> servers;
    std::string search_domain;  ///< tried first behind a name without dots
};

/// One look-up under way: a socket for each family, made when it is first needed, on a port of the
/// kernel's choice.
class LookUp {
  public:
    LookUp(const Resolver& resolver, const std::string& host);

    /// Takes what has come and does what is due, without waiting.
    void go_on();
    /// Until there is something to do, one second at most.
    void wait() const;
    /// The first address, or why there is none; nothing while that is open.
    const std::optional<Result<IpAddress>>& outcome() const { return outcome_; }

  private:
    void perform(const dns::Actions& actions);
    void transmit(const dns::Send& send);
    void receive(const Fd& socket);

    dns::Resolver state_;
    Fd v4_;
    Fd v6_;
    std::optional<Result<IpAddress>> outcome_;
};

/// The host's first address, over UDP. Waits for some seconds at most; on_progress is called at
/// least every second.
Result<IpAddress> resolve(const Resolver& resolver, const std::string& host,
                          const std::function<void()>& on_progress);

}  // namespace bootwire::net
