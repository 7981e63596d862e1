#include "shutdown/waiting.h"

#include "os/clock.h"
#include "os/file.h"

namespace bootwire::shutdown {

namespace {

std::string content(const std::string& path) {
    return read_file(path).value_or("");
}

/// What the kernel calls a disk whose session is lost (drivers/scsi/scsi_sysfs.c, sdev_states).
bool is_blocked(const std::string& disk) {
    return content("/sys/block/" + disk + "/device/state").starts_with("blocked");
}

}  // namespace

bool Waiting::goes_on() {
    return !stall_.is_over(parse_unwritten(content("/proc/meminfo")), is_blocked(disk_), now());
}

}  // namespace bootwire::shutdown
