// Asking DNS for the address of a host.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "base/time.h"
#include "dns/resolver.h"
#include "os/fd.h"
#include "os/log.h"

namespace bootwire::net {

struct NameServers {
    std::vector<IpAddress> servers;
    std::string search_domain;  ///< tried first behind a name without dots
};

/// One look-up under way: a socket for each family, made when it is first needed, on a port of the
/// kernel's choice.
class LookUp {
  public:
    /// tell: what goes wrong on the way, as lines for the log.
    LookUp(const NameServers& name_servers, const std::string& host,
           std::function<void(std::string_view)> tell = log::info);

    /// Takes what has come and does what is due, without waiting.
    void go_on();
    /// Until there is something to do, one second at most.
    void wait() const;
    /// For those who wait themselves: the sockets that there are by now, any of which may become
    /// readable, and when something is due. Both change with go_on().
    std::vector<int> sockets() const;
    std::optional<Moment> next_deadline() const { return state_.next_deadline(); }

    /// The addresses in the order of the answer, at least one, or why there is none; nothing while
    /// that is open.
    const std::optional<Result<std::vector<IpAddress>>>& outcome() const { return outcome_; }

  private:
    void perform(const dns::Actions& actions);
    void transmit(const dns::Send& send);
    void receive(const Fd& socket);

    dns::Resolver state_;
    std::function<void(std::string_view)> tell_;
    Fd v4_;
    Fd v6_;
    std::optional<Result<std::vector<IpAddress>>> outcome_;
};

/// The host's addresses, over UDP. Waits for some seconds at most; on_progress is called at least
/// every second.
Result<std::vector<IpAddress>> resolve_all(const NameServers& name_servers, const std::string& host,
                                           const std::function<void()>& on_progress);
/// The first of them.
Result<IpAddress> resolve(const NameServers& name_servers, const std::string& host,
                          const std::function<void()>& on_progress);

}  // namespace bootwire::net
