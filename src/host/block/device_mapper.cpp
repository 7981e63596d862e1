#include "block/device_mapper.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "os/fd.h"

namespace bootwire::block {

namespace {

constexpr char control_node[] = "/dev/mapper/control";
constexpr unsigned long chunk_sectors = 8;  // a page: what zram stores

/// The smallest interface that has all that is used here.
constexpr uint32_t interface_version[] = {4, 0, 0};

dm_ioctl header_for(const std::string& name, size_t size) {
    dm_ioctl header{};
    std::memcpy(header.version, interface_version, sizeof header.version);
    header.data_size = static_cast<uint32_t>(size);
    header.data_start = sizeof header;
    name.copy(header.name, sizeof header.name - 1);
    return header;
}

Status ask(unsigned long request, const char* what, void* argument) {
    const Fd control(open(control_node, O_RDWR | O_CLOEXEC));
    if (!control.valid()) return fail_errno(std::string("cannot open ") + control_node);
    if (ioctl(control.get(), request, argument) != 0) {
        return fail_errno(std::string("the device mapper does not ") + what);
    }
    return {};
}

}  // namespace

MappedTable transient_snapshot(uint64_t sectors, const std::string& origin,
                               const std::string& store) {
    return {sectors, "snapshot", origin + ' ' + store + " N " + std::to_string(chunk_sectors)};
}

std::vector<uint8_t> table_request(const std::string& name, const MappedTable& table) {
    constexpr size_t alignment = 8;
    dm_target_spec target{};
    const size_t text_size = table.parameters.size() + 1;
    const size_t padded = (text_size + alignment - 1) / alignment * alignment;
    target.length = table.sectors;
    target.next = static_cast<uint32_t>(sizeof target + padded);
    table.target.copy(target.target_type, sizeof target.target_type - 1);

    std::vector<uint8_t> request(sizeof(dm_ioctl) + target.next);
    dm_ioctl header = header_for(name, request.size());
    header.target_count = 1;
    std::memcpy(request.data(), &header, sizeof header);
    std::memcpy(request.data() + sizeof header, &target, sizeof target);
    std::memcpy(request.data() + sizeof header + sizeof target, table.parameters.c_str(),
                text_size);
    return request;
}

Result<MappedDevice> MappedDevice::create(const std::string& name, const MappedTable& table) {
    dm_ioctl header = header_for(name, sizeof header);
    if (auto made = ask(DM_DEV_CREATE, "make a device", &header); !made) {
        return std::unexpected(made.error());
    }
    MappedDevice device(name);
    device.disk_name_ = "dm-" + std::to_string(minor(header.dev));
    auto request = table_request(name, table);
    Status done = ask(DM_TABLE_LOAD, "take the table of a device", request.data());
    header = header_for(name, sizeof header);  // without a flag: resume, with the table just loaded
    if (done) done = ask(DM_DEV_SUSPEND, "start a device", &header);
    if (!done) return std::unexpected(done.error());
    return device;
}

MappedDevice::~MappedDevice() {
    if (name_.empty()) return;
    dm_ioctl header = header_for(name_, sizeof header);
    (void)ask(DM_DEV_REMOVE, "remove a device", &header);
}

}  // namespace bootwire::block
