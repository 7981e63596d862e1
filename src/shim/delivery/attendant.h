// The process that gets the kernel's modules: a fork of init that fetches them beside the boot and,
// where that takes longer, beside the system that has started.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/url.h"
#include "net/resolve.h"
#include "os/fd.h"

namespace bootwire::delivery {

/// What is to be fetched, and from where.
struct Orders {
    std::string sha256;          ///< of the file, 64 hexadecimal digits
    std::vector<Url> sources{};  ///< tried in this order; of scheme tftp or http
    net::NameServers name_servers{};
    std::string nowhere{};  ///< why there is no source, if there is none
};

/// By which a process that switches into a root has the modules given their place there.
struct Handle {
    Fd socket{};             ///< to the process that fetches them; none if nothing is fetched
    std::string left_out{};  ///< why nothing is

    Handle another() const;
    /// root: where the system's root is mounted; empty: process 1 has it. What has come by now gets
    /// its place before this returns, and what comes later once no process has such a socket any
    /// more: then the system runs. Where nothing is fetched, root has to be told. Returns a line
    /// for the log; waits for some tenths of a second at most.
    std::string hand_over(const std::string& root) const;
};

/// Init's side.
class Delivery {
  public:
    Delivery() = default;
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;
    ~Delivery() { stop(); }

    /// Starts the process, unless there is one with the same orders. open_card: the file on the SD
    /// card, which is tried first; may give none.
    void begin(Orders orders, const std::function<Fd()>& open_card);
    /// Nothing is to be fetched.
    void leave_out(std::string why);

    const Handle& handle() const { return handle_; }

  private:
    void stop();

    pid_t attendant_ = -1;
    std::string orders_;  // told apart by this
    Handle handle_;
};

}  // namespace bootwire::delivery
