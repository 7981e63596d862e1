#include "eeprom_command/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "os/fd.h"
#include "os/file.h"

namespace bootwire::eeprom_command {

namespace {

/// Removes the file that has not become the other one.
class Temporary {
  public:
    explicit Temporary(std::string path) : path_(std::move(path)) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() {
        if (!path_.empty()) unlink(path_.c_str());
    }
    const std::string& path() const { return path_; }
    void is_renamed() { path_.clear(); }

  private:
    std::string path_;
};

/// The mode that the file gets; an error if the path is not that of a file.
Result<mode_t> mode_for(const std::string& path) {
    struct stat status{};
    if (stat(path.c_str(), &status) == 0) {
        if (S_ISREG(status.st_mode)) return status.st_mode & 07777;
        return fail(path + " is not a file", "give the name of a file; cards are not written here");
    }
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

std::string followed(const std::string& path) {
    char* real = realpath(path.c_str(), nullptr);
    std::string found = real != nullptr ? real : path;
    free(real);
    return found;
}

Status write_all(int fd, Bytes content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t written = write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("cannot write " + path, "is the disk full?");
        content = content.subspan(static_cast<size_t>(written));
    }
    if (fsync(fd) != 0) return fail_errno("cannot write " + path, "is the disk full?");
    return {};
}

Status compare(int fd, Bytes content, const std::string& path) {
    // What is in memory is given up, as far as the kernel does so: the disk shall answer.
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    std::vector<uint8_t> back(content.size() + 1);
    size_t done = 0;
    while (done < back.size()) {
        const ssize_t count =
            pread(fd, back.data() + done, back.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("cannot read back " + path);
        if (count == 0) break;
        done += static_cast<size_t>(count);
    }
    if (std::ranges::equal(Bytes(back).first(done), content)) return {};
    return fail(path + " does not read back as it was written", "try another disk");
}

}  // namespace

bool exists(const std::string& path) {
    struct stat status{};
    return lstat(path.c_str(), &status) == 0;
}

Status write_and_compare(const std::string& path, Bytes content) {
    const std::string target = followed(path);
    const auto mode = mode_for(target);
    if (!mode) return std::unexpected(mode.error());
    std::string name = target + ".XXXXXX";
    const Fd fd(mkostemp(name.data(), O_CLOEXEC));
    if (!fd.valid()) {
        return fail_errno("cannot write " + path,
                          "is there such a folder, and may you write to it?");
    }
    Temporary temporary(name);
    if (auto status = write_all(fd.get(), content, path); !status) return status;
    if (auto status = compare(fd.get(), content, path); !status) return status;
    if (fchmod(fd.get(), *mode) != 0 || rename(name.c_str(), target.c_str()) != 0) {
        return fail_errno("cannot replace " + path);
    }
    temporary.is_renamed();
    const size_t slash = target.rfind('/');
    const std::string folder = slash == target.npos ? "." : target.substr(0, slash + 1);
    const Fd folder_fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder_fd.valid()) fsync(folder_fd.get());
    return {};
}

Result<bool> ask(const std::string& question) {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        return fail(question + " There is no terminal to answer on", "say --yes beforehand");
    }
    std::fprintf(stderr, "bootwire: %s [y/N] ", question.c_str());
    const int answer = std::getchar();
    return answer == 'y' || answer == 'Y';
}

}  // namespace bootwire::eeprom_command
