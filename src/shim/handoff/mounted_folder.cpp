#include "handoff/mounted_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.h"
#include "handoff/in_root.h"
#include "os/fd.h"
#include "os/file.h"

namespace bootwire::handoff {

namespace {

constexpr size_t most_names = 4096;

bool is_regular(const Fd& file) {
    struct stat status{};
    return file.valid() && fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

bool MountedFolder::exists(const std::string& path) const {
    return is_regular(open_in_root(root_, path, O_RDONLY | O_NONBLOCK));
}

Result<std::string> MountedFolder::read(const std::string& path, size_t max_size) const {
    const Fd file = open_in_root(root_, path, O_RDONLY | O_NONBLOCK);
    if (!file.valid()) return fail_errno("cannot open " + printable(path) + " on the disk");
    if (!is_regular(file)) return fail(printable(path) + " on the disk is not a file");
    auto content = read_file(path_of(file), max_size);
    if (content) return content;
    return fail("cannot read " + printable(path) + " on the disk: " + content.error().what,
                "check the disk's boot partition with fsck");
}

std::vector<std::string> MountedFolder::list(const std::string& path) const {
    std::vector<std::string> names;
    Fd folder = open_in_root(root_, path, O_RDONLY | O_DIRECTORY);
    DIR* const listing = folder.valid() ? fdopendir(folder.get()) : nullptr;
    if (listing == nullptr) return names;
    folder.release();  // closed with the listing
    while (const dirent* entry = names.size() < most_names ? readdir(listing) : nullptr) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    closedir(listing);
    return names;
}

}  // namespace bootwire::handoff
