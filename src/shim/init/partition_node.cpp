#include "init/partition_node.h"

#include "block/block_device.h"
#include "os/clock.h"

namespace bootwire::init {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds node_timeout = 10s;

}  // namespace

Result<std::string> wait_for_partition(const std::string& disk_name, unsigned number,
                                       board::Watchdog& watchdog) {
    const Moment deadline = now() + node_timeout;
    for (;;) {
        auto path = block::partition_path(disk_name, number);
        if (path || now() > deadline) return path;
        watchdog.expect_progress_within(60s);
        sleep_for(5ms);
    }
}

}  // namespace bootwire::init
