// The log's lines on a server: syslog over UDP, in the form of RFC 5424. The older RFC 3164's
// cannot leave the time out, which a Pi that boots does not know; the receiver's own counts then.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "net/resolve.h"
#include "os/fd.h"
#include "os/log.h"

namespace bootwire::uplink {

/// Where the lines go, and under which name.
struct RemoteLogSettings {
    struct Server {
        std::string host;  ///< an address or a name
        uint16_t port = 0;
        bool operator==(const Server&) const = default;
    };
    std::vector<Server> servers;
    std::string own_name;  ///< of this machine: a host name or an address
    net::NameServers name_servers;
};

/// One datagram: facility local0, no time, at most 1024 bytes (RFC 5426 section 3.2 asks receivers
/// for 2048).
std::string syslog_message(const std::string& own_name, const log::Line& line);

/// Remembers the last lines, and sends them once there is somewhere to send them to. Never waits:
/// not for a name server, not for the network. What a server has been sent is not sent again.
class RemoteLog {
  public:
    void add(const log::Line& line);
    /// From now on lines can be sent; those of before come first.
    void open(RemoteLogSettings settings);
    /// Sends what could not be sent yet, goes on looking names up.
    void flush();

    /// For another process: the same servers, by address where that is known.
    RemoteLogSettings settings() const;

  private:
    struct Kept {
        log::Severity severity;
        std::string program;
        std::string text;
    };
    struct Receiver {
        RemoteLogSettings::Server server;
        std::optional<Endpoint> endpoint;
        std::unique_ptr<net::LookUp> look_up;
        uint64_t next = 0;  // number of the first line that it has not been sent
    };

    void find(Receiver& receiver);
    bool send(const Receiver& receiver, const Kept& line);

    std::deque<Kept> lines_;
    uint64_t first_ = 0;  // number of lines_.front()
    RemoteLogSettings settings_;
    std::vector<Receiver> receivers_;
    bool busy_ = false;
    Fd v4_;
    Fd v6_;
};

}  // namespace bootwire::uplink
