// request → network
#pragma once

#include "init/machine.h"
#include "plan/request.h"
#include "uplink/uplink.h"

namespace bootwire::init {

/// Waits for the network that the request asks for. A lease without a usable root path is not taken
/// where nothing else names the disk.
Result<std::unique_ptr<uplink::Uplink>> bring_up_network(const plan::NetworkRequest& request,
                                                     Machine& machine);

/// Sends the log to the servers that the request or the lease names, that of before included.
void open_remote_log(const plan::Request& request, const uplink::Network& network, Machine& machine);

/// Takes the network's address away again, so that the next attempt starts afresh.
void take_down(const uplink::Network& network);

}  // namespace bootwire::init
