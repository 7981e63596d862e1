#include "init/attached_disk.h"

#include "os/file.h"
#include "os/log.h"
#include "session/reservation_key.h"
#include "session/reserve.h"

namespace bootwire::init {

void set_read_ahead(const std::string& disk_name, unsigned kilobytes) {
    const auto done = write_control_file("/sys/class/block/" + disk_name + "/queue/read_ahead_kb",
                                         std::to_string(kilobytes));
    if (!done) log::warning(done.error().to_string());
}

Result<std::optional<session::Hold>> reserve(const session::ScsiDisk& disk,
                                             plan::Exclusive exclusive,
                                             const plan::MachineId& machine_id) {
    if (exclusive == plan::Exclusive::no) return std::nullopt;
    const session::Hold hold{
        iscsi::Lun::from_linux(disk.device.lun),
        session::reservation_key(machine_id.serial, machine_id.mac.value_or(MacAddress{}))};
    const auto intent =
        exclusive == plan::Exclusive::preempt ? iscsi::Intent::take_over : iscsi::Intent::claim;
    if (auto held = session::claim_disk("/dev/" + disk.name, hold.key, intent); !held) {
        return std::unexpected(held.error());
    }
    log::info("the disk is reserved for this machine, key " + session::key_text(hold.key));
    // The kernel could not ask for the mode of the disk's cache while an earlier login held it.
    if (auto done = write_control_file(disk.device.sysfs + "/rescan", "1"); !done) {
        log::warning(done.error().to_string());
    }
    return hold;
}

}  // namespace bootwire::init
