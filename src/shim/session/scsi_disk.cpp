#include "session/scsi_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/log.h"
#include "topics/topic.h"

namespace bootwire::session {

namespace {

using namespace std::chrono_literals;

constexpr char devices_folder[] = "/sys/class/scsi_device";
constexpr Milliseconds device_timeout = 30s;
constexpr Milliseconds poll_every = 5ms;

std::string attribute(const std::string& path) {
    return printable(trim(read_file(path, 4096).value_or("")));
}

/// The devices below a SCSI host, from names of the form HOST:CHANNEL:TARGET:LUN.
std::vector<ScsiDevice> devices_of(const KernelSession& session) {
    std::vector<ScsiDevice> devices;
    for (const std::string& name : names_in(devices_folder)) {
        const auto parts = split(name, ':');
        if (parts.size() != 4 || parts[0] != std::to_string(session.host)) continue;
        const auto lun = parse_number<uint64_t>(parts[3]);
        if (!lun) continue;
        ScsiDevice device;
        device.lun = *lun;
        device.sysfs = std::string(devices_folder) + "/" + name + "/device";
        if (const auto type = parse_number<uint8_t>(attribute(device.sysfs + "/type"))) {
            device.type = static_cast<iscsi::PeripheralType>(*type);
        }
        device.vendor = attribute(device.sysfs + "/vendor");
        device.model = attribute(device.sysfs + "/model");
        devices.push_back(std::move(device));
    }
    return devices;
}

Status scan(const KernelSession& session, const std::string& lun) {
    return write_control_file("/sys/class/scsi_host/host" + std::to_string(session.host) + "/scan",
                              "- - " + lun);
}

/// The name of the device's disk once its node in /dev is there; empty until then.
std::string block_device_of(const ScsiDevice& device) {
    const auto names = names_in(device.sysfs + "/block");
    if (names.empty() || access(("/dev/" + names.front()).c_str(), R_OK) != 0) return {};
    return names.front();
}

void forget(const ScsiDevice& device) {
    (void)write_control_file(device.sysfs + "/delete", "1");
}

Result<ScsiDevice> find_device(const KernelSession& session, const LunChoice& choice) {
    if (auto scanned = scan(session, std::to_string(choice.lun)); !scanned) {
        return std::unexpected(scanned.error());
    }
    const auto asked = choose_device(devices_of(session), {choice.lun, true});
    if (asked) return asked;
    if (auto scanned = scan(session, "-"); !scanned) return std::unexpected(scanned.error());
    const auto devices = devices_of(session);
    const auto chosen = choose_device(devices, choice);
    for (const ScsiDevice& device : devices) {
        if (!chosen || device.lun != chosen->lun) forget(device);
    }
    if (chosen) {
        log::warning("LUN " + std::to_string(choice.lun) +
                     " is not a disk; taking the only disk, " + chosen->to_string());
    }
    return chosen;
}

/// The kernel gives a command up that was under way in six lost connections, or that a loss meets
/// three minutes after it began (drivers/scsi: scsi_cmd_retry_allowed, scsi_cmd_runtime_exceeced).
/// How long I/O waits for a session is for the session's own recovery time to say, not for these.
void do_not_count_losses(const ScsiDevice& device) {
    for (const std::string& name : names_in(device.sysfs + "/scsi_disk")) {
        const auto done =
            write_control_file(device.sysfs + "/scsi_disk/" + name + "/max_retries", "-1");
        if (!done) log::warning(done.error().to_string());
    }
}

/// The name is there some milliseconds before the device is (ENOENT, then ENXIO).
bool can_be_opened(const std::string& node) {
    return Fd(open(node.c_str(), O_RDONLY | O_CLOEXEC)).valid();
}

Result<ScsiDisk> wait_for_block_device(const ScsiDevice& device,
                                       const std::function<void()>& on_progress) {
    const Moment deadline = now() + device_timeout;
    for (;;) {
        const std::string name = block_device_of(device);
        if (!name.empty() && can_be_opened("/dev/" + name)) {
            do_not_count_losses(device);
            return ScsiDisk{device, name};
        }
        if (now() > deadline) {
            return fail_for_now("the kernel makes no block device for " + device.to_string(),
                                "look into the target's log");
        }
        on_progress();
        sleep_for(poll_every);
    }
}

}  // namespace

std::string ScsiDevice::to_string() const {
    using enum iscsi::PeripheralType;
    static constexpr std::pair<iscsi::PeripheralType, const char*> types[] = {
        {disk, "disk"},           {tape, "tape"},           {processor, "processor"},
        {cd, "CD/DVD"},           {changer, "changer"},     {controller, "controller"},
        {enclosure, "enclosure"}, {none, "unknown device"},
    };
    std::string kind = "device of type " + std::to_string(static_cast<unsigned>(type));
    for (const auto& [number, word] : types) {
        if (number == type) kind = word;
    }
    return "LUN " + std::to_string(lun) + ": " + kind + ", " + vendor + " " + model;
}

Result<ScsiDevice> choose_device(const std::vector<ScsiDevice>& devices, const LunChoice& choice) {
    std::vector<ScsiDevice> disks;
    std::string listed;
    for (const ScsiDevice& device : devices) {
        if (device.is_disk() && device.lun == choice.lun) return device;
        if (device.is_disk()) disks.push_back(device);
        listed += (listed.empty() ? "" : "; ") + device.to_string();
    }
    if (!choice.strict && disks.size() == 1) return disks.front();

    const std::string asked = "LUN " + std::to_string(choice.lun) + " of the target is not a disk";
    if (listed.empty()) {
        return about(Topic::no_disk, fail(asked + ", and the target shows no other LUN",
                                          "add a LUN to the target, or check its access list"));
    }
    if (disks.empty()) {
        return about(Topic::no_disk,
                     fail(asked + "; it has " + listed,
                          "a disk must be added to the target; none of its LUNs is one"));
    }
    return about(Topic::no_disk, fail(asked + "; it has " + listed,
                                      "name the disk's LUN in the root path or with iscsi.lun="));
}

Result<std::vector<ScsiDevice>> choose_all_disks(std::vector<ScsiDevice> devices) {
    std::erase_if(devices, [](const ScsiDevice& device) { return !device.is_disk(); });
    if (devices.empty()) {
        return about(Topic::no_disk, fail("the target shows no disk",
                                          "add a LUN to the target, or check its access list"));
    }
    std::ranges::sort(devices, {}, &ScsiDevice::lun);
    return devices;
}

Result<ScsiDisk> attach_disk(const KernelSession& session, const LunChoice& choice,
                             const std::function<void()>& on_progress) {
    const auto device = find_device(session, choice);
    if (!device) return std::unexpected(device.error());
    return wait_for_block_device(*device, on_progress);
}

Result<std::vector<ScsiDisk>> attach_all_disks(const KernelSession& session,
                                               const std::function<void()>& on_progress) {
    if (auto scanned = scan(session, "-"); !scanned) return std::unexpected(scanned.error());
    const auto devices = choose_all_disks(devices_of(session));
    if (!devices) return std::unexpected(devices.error());
    std::vector<ScsiDisk> disks;
    for (const ScsiDevice& device : *devices) {
        auto disk = wait_for_block_device(device, on_progress);
        if (!disk) return std::unexpected(disk.error());
        disks.push_back(std::move(*disk));
    }
    return disks;
}

}  // namespace bootwire::session
