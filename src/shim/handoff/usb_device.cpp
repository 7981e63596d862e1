#include "handoff/usb_device.h"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "base/text.h"
#include "board/on_demand.h"
#include "os/file.h"
#include "os/log.h"
#include "topics/topic.h"

namespace bootwire::handoff {

namespace {

constexpr char controllers_folder[] = "/sys/class/udc";
constexpr char configfs_folder[] = "/sys/kernel/config";
constexpr char gadget_folder[] = "/sys/kernel/config/usb_gadget/bootwire";

std::string in_gadget(const std::string& path) {
    return path.empty() ? gadget_folder : std::string(gadget_folder) + "/" + path;
}

std::string first_controller() {
    std::vector<std::string> names;
    DIR* const directory = opendir(controllers_folder);
    if (directory == nullptr) return {};
    while (const dirent* entry = readdir(directory)) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    closedir(directory);
    const auto first = std::ranges::min_element(names);
    return first == names.end() ? std::string() : *first;
}

std::string controller_attribute(const std::string& controller, const char* name) {
    const auto text =
        read_file(std::string(controllers_folder) + "/" + controller + "/" + name, 64);
    return text ? std::string(trim(*text)) : std::string();
}

Status mount_configfs() {
    if (mount("configfs", configfs_folder, "configfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) !=
            0 &&
        errno != EBUSY) {
        return fail_errno("cannot mount configfs");
    }
    return {};
}

Status perform(const GadgetStep& step) {
    const std::string path = in_gadget(step.path);
    switch (step.kind) {
        case GadgetStep::Kind::make_directory:
            if (mkdir(path.c_str(), 0755) != 0) return fail_errno("cannot create " + path);
            return {};
        case GadgetStep::Kind::write:
            return write_control_file(path, step.value);
        case GadgetStep::Kind::link:
            if (symlink(in_gadget(step.value).c_str(), path.c_str()) != 0) {
                return fail_errno("cannot create " + path);
            }
            return {};
    }
    return {};
}

/// configfs wants things gone in the order opposite to the one in which they came; what the kernel
/// has made by itself goes with its parent.
void remove_gadget(const std::vector<GadgetStep>& steps) {
    for (size_t i = steps.size(); i-- > 0;) {
        const std::string path = in_gadget(steps[i].path);
        if (steps[i].kind == GadgetStep::Kind::link) unlink(path.c_str());
        if (steps[i].kind == GadgetStep::Kind::make_directory) rmdir(path.c_str());
    }
}

/// The kernel opens a device read-only where it can't have it for writing, and says so only here.
void warn_of_read_only(const Gadget& gadget) {
    for (size_t number = 0; number < gadget.disks.size(); ++number) {
        const auto flag = read_file(in_gadget(lun_folder(number)) + "/ro", 16);
        if (!gadget.disks[number].read_only && flag && trim(*flag) == "1") {
            log::warning(gadget.disks[number].device + " can only be read");
        }
    }
}

/// The steps that have a part to be removed, for a device with so many disks.
std::vector<GadgetStep> steps_for(size_t disks) {
    Gadget gadget;
    gadget.disks.resize(disks);
    return gadget_steps(gadget);
}

}  // namespace

UsbHost usb_host_of(const std::string& state) {
    if (state == "configured") return UsbHost::using_it;
    if (state == "suspended") return UsbHost::asleep;
    const bool asking = state == "powered" || state == "default" || state == "addressed" ||
                        state == "reconnecting" || state == "unauthenticated";
    return asking ? UsbHost::connecting : UsbHost::absent;
}

Status UsbDevice::check_port() {
    if (!first_controller().empty()) return {};
    board::probe_on_demand([](const std::string& node) {
        log::info("trying the USB port " + node +
                  ", which nobody has seen work on a board like this one (docs/hardware.md)");
    });
    if (!first_controller().empty()) return {};
    return about(Topic::no_usb_port,
                 fail("this board has no USB port that can show a disk to another computer",
                      "a Pi 4, 400, CM4 and 5 have one at USB-C, a 3A+ and a Zero 2 W have one; "
                      "otherwise boot with iscsi.mode=pivot"));
}

std::string driver_of_controller(const std::string& controller, const std::string& controllers) {
    char link[PATH_MAX];
    const std::string path = controllers + "/" + controller + "/device/driver";
    const ssize_t length = readlink(path.c_str(), link, sizeof link);
    const std::string target(link, length < 0 ? 0 : static_cast<size_t>(length));
    return target.substr(target.rfind('/') + 1);  // npos + 1 is 0
}

Result<UsbDevice> UsbDevice::show(Gadget gadget) {
    if (auto port = check_port(); !port) return std::unexpected(port.error());
    const std::string controller = first_controller();
    if (auto few = check_disk_count(gadget.disks.size()); !few) return std::unexpected(few.error());
    if (auto mounted = mount_configfs(); !mounted) return std::unexpected(mounted.error());
    gadget.can_stall = controller_can_stall(driver_of_controller(controller, controllers_folder));
    std::vector<GadgetStep> steps = gadget_steps(gadget);
    Status done;
    size_t count = 0;
    while (done && count < steps.size())
        done = perform(steps[count++]);
    if (done) done = write_control_file(in_gadget("UDC"), controller);
    if (!done) {
        steps.resize(count);
        remove_gadget(steps);
        return std::unexpected(done.error());
    }
    warn_of_read_only(gadget);
    return UsbDevice(controller, gadget.disks.size());
}

UsbDevice::~UsbDevice() {
    if (controller_.empty()) return;
    for (size_t number = 0; number < disks_; ++number)
        (void)take_out(number);
    (void)write_control_file(in_gadget("UDC"), "\n");
    remove_gadget(steps_for(disks_));
}

UsbHost UsbDevice::host() const {
    return usb_host_of(controller_attribute(controller_, "state"));
}

std::string UsbDevice::speed() const {
    return controller_attribute(controller_, "current_speed");
}

bool UsbDevice::is_empty(size_t number) const {
    const auto file = read_file(in_gadget(lun_folder(number)) + "/file", 4096);
    return file && trim(*file).empty();
}

Status UsbDevice::take_out(size_t number) {
    return write_control_file(in_gadget(lun_folder(number)) + "/forced_eject", "1");
}

Status UsbDevice::put_in(size_t number, const std::string& device) {
    return write_control_file(in_gadget(lun_folder(number)) + "/file", device);
}

}  // namespace bootwire::handoff
