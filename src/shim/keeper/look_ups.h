// Asks DNS for names without holding up the event loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/resolve.h"
#include "os/event_loop.h"

namespace bootwire::keeper {

class LookUps {
  public:
    using Answer = Result<std::vector<IpAddress>>;  ///< at least one
    using Found = std::function<void(const std::string& name, const Answer& answer)>;

    /// found is called once for each look-up, never from within begin().
    LookUps(EventLoop& loop, std::shared_ptr<const net::NameServers> name_servers, Found found);
    LookUps(const LookUps&) = delete;
    LookUps& operator=(const LookUps&) = delete;
    ~LookUps();

    /// Does nothing if the name is being looked up already.
    void begin(const std::string& name);
    void forget_all();

  private:
    struct UnderWay {
        net::LookUp look_up;
        std::vector<int> watched{};
        EventLoop::TimerId timer = 0;
    };

    void go_on(const std::string& name);
    void await(const std::string& name, UnderWay& under_way);
    void forget(UnderWay& under_way);

    EventLoop& loop_;
    std::shared_ptr<const net::NameServers> name_servers_;
    Found found_;
    std::map<std::string, UnderWay> under_way_;
};

}  // namespace bootwire::keeper
