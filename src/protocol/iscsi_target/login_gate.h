// How many connections may be open that have not logged in: of one address, and overall.
// Whoever has proved nothing yet shall not keep others out.
#pragma once

#include <cstddef>
#include <map>

#include "base/address.h"

namespace bootwire::iscsi {

class LoginGate {
  public:
    struct Limits {
        size_t per_address = 64;
        size_t overall = 1024;
    };
    explicit LoginGate(const Limits& limits) : limits_(limits) {}

    /// False: the connection is one too many, and is to be closed without a word.
    bool enter(const IpAddress& from);
    /// Of each that was let in: it has logged in, or is gone.
    void leave(const IpAddress& from);

    size_t inside() const { return inside_; }

  private:
    Limits limits_;
    size_t inside_ = 0;
    std::map<IpAddress, size_t> by_address_;
};

}  // namespace bootwire::iscsi
