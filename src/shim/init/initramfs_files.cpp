#include "init/initramfs_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "base/text.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

constexpr mode_t permissions = 07777;

bool is_folder(const std::string& path) {
    struct stat status{};
    return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Status InitramfsFiles::entry(const kexec::CpioEntry& entry) {
    file_.reset();
    target_.clear();
    target_size_ = 0;
    if (entry.is_trailer()) {
        first_names_.clear();
        return {};
    }
    path_ = folder_ + "/" + entry.name;
    const Status made = make(entry);
    if (made) {
        ++made_;
        return {};
    }
    if (full_) return made;
    log::warning(made.error().what);
    return {};
}

std::unexpected<Error> InitramfsFiles::cannot_make() {
    full_ = errno == ENOSPC || errno == ENOMEM;
    return fail_errno("cannot unpack " + printable(path_, 160));
}

Status InitramfsFiles::make(const kexec::CpioEntry& entry) {
    if (S_ISDIR(entry.mode)) return make_folder(entry);
    if (S_ISREG(entry.mode)) return open_file(entry);
    if (!S_ISLNK(entry.mode)) return make_node(entry);
    if (entry.size == 0 || entry.size > PATH_MAX) {
        errno = EINVAL;
        return cannot_make();
    }
    link_ = entry;
    target_size_ = entry.size;
    return {};
}

Status InitramfsFiles::make_folder(const kexec::CpioEntry& entry) {
    if (!is_folder(path_)) {
        unlink(path_.c_str());
        if (mkdir(path_.c_str(), entry.mode & permissions) != 0) return cannot_make();
    }
    return own(entry);
}

/// The content of a file with several names comes with one of them, mostly the last.
Status InitramfsFiles::open_file(const kexec::CpioEntry& entry) {
    const bool linked = entry.links > 1 && link_to_first(entry);
    if (linked && entry.size == 0) return {};
    if (!linked) unlink(path_.c_str());
    file_.reset(open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    return file_.valid() ? own(entry) : cannot_make();
}

bool InitramfsFiles::link_to_first(const kexec::CpioEntry& entry) {
    const Identity identity{{entry.file_system[0], entry.file_system[1]}, entry.inode};
    const auto [found, is_first] = first_names_.emplace(identity, path_);
    if (is_first) return false;
    unlink(path_.c_str());
    return link(found->second.c_str(), path_.c_str()) == 0;
}

Status InitramfsFiles::make_node(const kexec::CpioEntry& entry) {
    unlink(path_.c_str());
    if (mknod(path_.c_str(), entry.mode, makedev(entry.device[0], entry.device[1])) != 0) {
        return cannot_make();
    }
    return own(entry);
}

Status InitramfsFiles::make_link() {
    unlink(path_.c_str());
    if (symlink(target_.c_str(), path_.c_str()) != 0 ||
        lchown(path_.c_str(), link_.owner, link_.group) != 0) {
        return cannot_make();
    }
    return {};
}

/// In this order: a new owner takes set-user-ID away.
Status InitramfsFiles::own(const kexec::CpioEntry& entry) {
    if (lchown(path_.c_str(), entry.owner, entry.group) != 0 ||
        chmod(path_.c_str(), entry.mode & permissions) != 0) {
        return cannot_make();
    }
    return {};
}

Status InitramfsFiles::content(Bytes piece) {
    if (target_size_ > 0) {
        target_ += text_of(piece);
        if (target_.size() < target_size_) return {};
        target_size_ = 0;
        const Status made = make_link();
        if (!made) log::warning(made.error().what);
        return {};
    }
    while (file_.valid() && !piece.empty()) {
        const ssize_t written = write(file_.get(), piece.data(), piece.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return cannot_make();
        piece = piece.subspan(static_cast<size_t>(written));
    }
    return {};
}

}  // namespace bootwire::init
