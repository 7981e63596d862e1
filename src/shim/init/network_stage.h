// request → network
#pragma once

#include <functional>
#include <memory>

#include "init/findings.h"
#include "init/people.h"
#include "init/telling.h"
#include "net/resolve.h"
#include "plan/network_plan.h"
#include "plan/request.h"
#include "uplink/remote_log.h"
#include "uplink/uplink.h"

namespace bootwire::init {

/// A new attempt begins: what the one before has found out is forgotten, and its address taken
/// away. Until then a person may ask about it, and ask it.
void begin_anew(Findings& findings);

/// Waits for the network that the request asks for. A lease without a usable root path is not taken
/// where nothing else names the disk. on_progress: called at least every second meanwhile.
Result<std::unique_ptr<uplink::Uplink>> bring_up_network(const plan::Request& request,
                                                         Telling& telling, People& people,
                                                         const std::function<void()>& on_progress);

/// Who is asked for host names.
net::NameServers name_servers_of(const plan::NetworkPlan& network);

/// Where the log goes, from its first line on.
uplink::RemoteLogSettings remote_log_settings(const plan::NetworkPlan& network);

}  // namespace bootwire::init
