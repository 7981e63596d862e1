// The addresses of portals that have a name, as last heard of: a name server that is away together
// with the target must not hold up the session's return.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "plan/values.h"

namespace bootwire::keeper {

/// For each name the addresses that a name server told last: at least one.
using Addresses = std::map<std::string, std::vector<IpAddress>, std::less<>>;

/// Which of a name's addresses an attempt goes to. Without I/O.
class KnownAddresses {
  public:
    explicit KnownAddresses(const Addresses& addresses);

    /// The address for the next attempt: the one after that of the last attempt; if `same`, that
    /// one again. Nothing for a name of which no address was ever known.
    std::optional<IpAddress> choose(const plan::Host& host, bool same);
    /// The address of the last attempt; if there was none, that of the next.
    std::optional<IpAddress> current(const plan::Host& host) const;
    /// What a name server says by now: at least one address. Those that were known keep their
    /// order, since many name servers shuffle theirs with each answer.
    void learn(const std::string& name, const std::vector<IpAddress>& addresses);

  private:
    struct Known {
        std::vector<IpAddress> addresses{};
        size_t turn = 0;
        bool tried = false;  ///< the one whose turn it is
    };
    std::map<std::string, Known, std::less<>> names_;
};

}  // namespace bootwire::keeper
