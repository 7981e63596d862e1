#include "block/block_device.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::block {

namespace {

/// sysfs counts in these, whatever the logical blocks are.
constexpr uint64_t sysfs_sector = 512;

template <class Number>
std::optional<Number> read_number(const std::string& path) {
    const auto text = read_file(path, 64);
    if (!text) return std::nullopt;
    return parse_number<Number>(trim(*text));
}

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};

}  // namespace

Result<BlockDevice> BlockDevice::open(const std::string& path, Access access) {
    BlockDevice device;
    device.path_ = path;
    const int flags = (access == Access::read_write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    device.fd_.reset(::open(path.c_str(), flags));
    if (!device.fd_.valid()) return fail_errno("cannot open the disk " + path);
    struct stat status{};
    if (fstat(device.fd(), &status) != 0) return fail_errno("cannot look at " + path);
    if (S_ISREG(status.st_mode)) {
        device.size_ = static_cast<uint64_t>(status.st_size);
        device.is_file_ = true;
        return device;
    }
    if (!S_ISBLK(status.st_mode)) return fail(path + " is not a block device");
    int block_size = 0;
    if (ioctl(device.fd(), BLKGETSIZE64, &device.size_) != 0 ||
        ioctl(device.fd(), BLKSSZGET, &block_size) != 0) {
        return fail_errno("cannot get the size of " + path);
    }
    if (block_size < 512) return fail(path + " has blocks of less than 512 bytes");
    device.block_size_ = static_cast<uint32_t>(block_size);
    return device;
}

Status BlockDevice::read(uint64_t offset, MutableBytes into) const {
    if (offset > size_ || into.size() > size_ - offset) {
        return fail("tried to read behind the end of " + path_);
    }
    while (!into.empty()) {
        const ssize_t count =
            pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0) {
            if (errno == EINTR) continue;
            return fail_errno("cannot read " + path_ + " at byte " + std::to_string(offset));
        }
        if (count == 0) return fail(path_ + " ends at byte " + std::to_string(offset));
        into = into.subspan(static_cast<size_t>(count));
        offset += static_cast<uint64_t>(count);
    }
    return {};
}

Status BlockDevice::write(uint64_t offset, Bytes bytes) {
    if (offset > size_ || bytes.size() > size_ - offset) {
        return fail("tried to write behind the end of " + path_);
    }
    while (!bytes.empty()) {
        const ssize_t count =
            pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0) {
            if (errno == EINTR) continue;
            return fail_errno("cannot write to " + path_ + " at byte " + std::to_string(offset));
        }
        bytes = bytes.subspan(static_cast<size_t>(count));
        offset += static_cast<uint64_t>(count);
    }
    return {};
}

Status BlockDevice::sync() {
    if (fsync(fd_.get()) != 0) return fail_errno("cannot sync " + path_);
    return {};
}

Status BlockDevice::forget_cached() {
    const int result = is_file_ ? posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED)
                       : ioctl(fd_.get(), BLKFLSBUF, 0) != 0 ? errno
                                                             : 0;
    if (result != 0) return fail_errno(result, "cannot drop what is cached of " + path_);
    return {};
}

Status BlockDevice::make_read_only() {
    const int yes = 1;
    if (ioctl(fd_.get(), BLKROSET, &yes) != 0) return fail_errno("cannot protect " + path_);
    return {};
}

Status BlockDevice::forget_partitions() {
    const auto nodes = partition_nodes(path_.substr(path_.rfind('/') + 1));
    if (!nodes) return std::unexpected(nodes.error());
    for (const PartitionNode& node : *nodes) {
        blkpg_partition partition{};
        partition.pno = static_cast<int>(node.number);
        blkpg_ioctl_arg argument{BLKPG_DEL_PARTITION, 0, sizeof partition, &partition};
        if (ioctl(fd_.get(), BLKPG, &argument) != 0) {
            return fail_errno("cannot hide /dev/" + node.name);
        }
    }
    return {};
}

Result<std::vector<PartitionNode>> partition_nodes(std::string_view disk_name,
                                                   const std::string& sysfs) {
    const std::string path = sysfs + "/class/block/" + std::string(disk_name);
    const std::unique_ptr<DIR, CloseFolder> folder(opendir(path.c_str()));
    if (!folder) return fail_errno("cannot list the partitions of " + std::string(disk_name));
    std::vector<PartitionNode> nodes;
    while (const dirent* entry = readdir(folder.get())) {
        const std::string name = entry->d_name;
        const std::string at = path + '/' + name;
        const auto number = read_number<unsigned>(at + "/partition");
        const auto start = read_number<uint64_t>(at + "/start");
        const auto size = read_number<uint64_t>(at + "/size");
        if (!number || !start || !size) continue;
        nodes.push_back({*number, name, *start * sysfs_sector, *size * sysfs_sector});
    }
    std::ranges::sort(nodes, {}, &PartitionNode::number);
    return nodes;
}

Result<std::string> partition_path(std::string_view disk_name, unsigned number,
                                   const std::string& sysfs) {
    if (number == 0) return "/dev/" + std::string(disk_name);
    const auto nodes = partition_nodes(disk_name, sysfs);
    if (!nodes) return std::unexpected(nodes.error());
    for (const PartitionNode& node : *nodes) {
        if (node.number == number) return "/dev/" + node.name;
    }
    return fail_for_now("the kernel has no partition " + std::to_string(number) + " of " +
                        std::string(disk_name) + " yet");
}

std::vector<std::string> part_uuids_elsewhere(std::string_view disk_name,
                                              const std::string& sysfs) {
    constexpr std::string_view key = "PARTUUID=";
    const std::string folder = sysfs + "/class/block";
    const auto own = partition_nodes(disk_name, sysfs);
    std::vector<std::string> found;
    for (const std::string& name : names_in(folder)) {
        const bool is_own =
            own && std::ranges::find(*own, name, &PartitionNode::name) != own->end();
        if (is_own || name == disk_name) continue;
        const auto uevent = read_file(folder + "/" + name + "/uevent");
        for (const std::string_view line : split(uevent ? *uevent : std::string(), '\n')) {
            if (line.starts_with(key)) found.emplace_back(line.substr(key.size()));
        }
    }
    return found;
}

}  // namespace bootwire::block
