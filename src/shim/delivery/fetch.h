// One file from a server, over TFTP or HTTP.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/url.h"
#include "http/response.h"
#include "net/resolve.h"
#include "os/event_loop.h"
#include "os/fd.h"
#include "tftp/download.h"

namespace bootwire::delivery {

/// Under way from its construction to its end.
class Fetch {
  public:
    struct Outcome {
        Status status;
        bool absent = false;  ///< the server has no such file
    };
    struct Owner {
        std::function<Status(Bytes)> take;          ///< the file's next bytes; an error ends it
        std::function<void(const Outcome&)> ended;  ///< by the loop; may end this object
    };

    /// url: of scheme tftp or http. most: bytes of the file.
    Fetch(EventLoop& loop, const Url& url, const net::NameServers& name_servers, uint64_t most,
          Owner owner);
    Fetch(const Fetch&) = delete;
    Fetch& operator=(const Fetch&) = delete;
    ~Fetch();

  private:
    void look_up();
    void begin(const IpAddress& address);
    void begin_tftp();
    void receive_packets();
    void carry_out(const tftp::Download::Step& step);
    void connect();
    void request();
    void receive_stream();
    void await(Milliseconds longest, std::string what);
    void end(Status status, bool absent = false);

    EventLoop& loop_;
    const Url url_;
    const uint64_t most_;
    Owner owner_;
    std::optional<net::LookUp> look_up_;
    Endpoint server_;
    Fd socket_;
    std::optional<tftp::Download> download_;
    std::optional<http::Response> response_;
    Status taken_;
    std::optional<EventLoop::TimerId> timer_;
};

}  // namespace bootwire::delivery
