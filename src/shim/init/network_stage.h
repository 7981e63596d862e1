// request → network
#pragma once

#include "init/machine.h"
#include "net/wired.h"
#include "plan/request.h"

namespace bootwire::init {

/// Waits for the network that the request asks for. A lease without a usable root path is not taken
/// where nothing else names the disk.
Result<std::unique_ptr<net::Wired>> bring_up_network(const plan::NetworkRequest& request,
                                                     Machine& machine);

/// Sends the log to the servers that the request or the lease names, that of before included.
void open_remote_log(const plan::Request& request, const net::Network& network, Machine& machine);

/// Takes the network's address away again, so that the next attempt starts afresh.
void take_down(const net::Network& network);

}  // namespace bootwire::init
