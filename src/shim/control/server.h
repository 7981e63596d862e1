// The keeper's side of the control socket: never waits for a client, and keeps only a few.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/error.h"
#include "control/request_reader.h"
#include "os/event_loop.h"
#include "os/fd.h"

namespace bootwire::control {

/// A line that a client sent.
struct Request {
    uint64_t client = 0;  ///< for Server::answer()
    std::string text;     ///< as it came, without line end: whoever reads it checks it
    bool from_root = false;
};

/// Binds and listens at the path, replacing what is there. Every user may connect: what only root
/// may ask is told by Request::from_root.
Result<Fd> listen_at(const std::string& path);

class Server {
  public:
    using Handler = std::function<void(const Request&)>;

    /// The handler answers each request with answer(), at once or later.
    Server(EventLoop& loop, Fd listening, Handler handler);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Sends the text and closes the connection. A client that has gone is no error.
    void answer(uint64_t client, std::string text);

  private:
    struct Client {
        Fd socket;
        RequestReader request;
        std::string unsent;
        bool from_root = false;
        EventLoop::TimerId deadline = 0;
    };

    void accept_client();
    void receive(uint64_t id);
    void send(uint64_t id);
    void drop(uint64_t id);

    EventLoop& loop_;
    Fd listening_;
    Handler handler_;
    std::map<uint64_t, Client> clients_;
    uint64_t last_id_ = 0;
};

}  // namespace bootwire::control
