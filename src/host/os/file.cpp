#include "os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "os/fd.h"

namespace bootwire {

namespace {

Status write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t written = write(fd, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return fail_errno("cannot write " + path);
        }
        content.remove_prefix(static_cast<size_t>(written));
    }
    return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, size_t max_size) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) return fail_errno("cannot open " + path);
    std::string content;
    char buffer[4096];
    for (;;) {
        const ssize_t count = read(fd.get(), buffer, sizeof buffer);
        if (count == 0) return content;
        if (count < 0) {
            if (errno == EINTR) continue;
            return fail_errno("cannot read " + path);
        }
        content.append(buffer, static_cast<size_t>(count));
        if (content.size() > max_size) {
            return fail(path + " is larger than " + std::to_string(max_size) + " bytes");
        }
    }
}

Status write_control_file(const std::string& path, std::string_view content) {
    const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd.valid()) return fail_errno("cannot open " + path);
    const ssize_t written = write(fd.get(), content.data(), content.size());
    if (written != static_cast<ssize_t>(content.size())) {
        return fail_errno("cannot write to " + path);
    }
    return {};
}

Status replace_file(const std::string& path, std::string_view content, unsigned mode) {
    const std::string temporary = path + ".new";
    {
        const Fd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
        if (!fd.valid()) return fail_errno("cannot create " + temporary);
        if (fchmod(fd.get(), mode) != 0) return fail_errno("cannot set the mode of " + temporary);
        if (auto status = write_all(fd.get(), content, temporary); !status) {
            unlink(temporary.c_str());
            return status;
        }
        if (fsync(fd.get()) != 0) return fail_errno("cannot sync " + temporary);
    }
    if (rename(temporary.c_str(), path.c_str()) != 0) return fail_errno("cannot replace " + path);
    return {};
}

Status replace_and_verify(const std::string& path, std::string_view content) {
    if (auto written = replace_file(path, content); !written) return written;
    const auto verified = read_file(path, content.size());
    if (verified && *verified == content) return {};
    return fail("what was written to " + path + " cannot be read back");
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* const open = opendir(folder.c_str());
    if (open == nullptr) return names;
    while (const dirent* entry = readdir(open)) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    closedir(open);
    std::ranges::sort(names);
    return names;
}

Status copy_file(const std::string& from, const std::string& to, unsigned mode) {
    const Fd source(open(from.c_str(), O_RDONLY | O_CLOEXEC));
    const Fd target(open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    struct stat status{};
    if (!source.valid() || !target.valid() || fstat(source.get(), &status) != 0) {
        return fail_errno("cannot copy " + from + " to " + to);
    }
    off_t done = 0;
    while (done < status.st_size) {
        const auto left = static_cast<size_t>(status.st_size - done);
        if (sendfile(target.get(), source.get(), &done, left) <= 0) {
            return fail_errno("cannot copy " + from + " to " + to);
        }
    }
    return {};
}

Status make_directories(const std::string& path, unsigned mode) {
    for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (mkdir(part.c_str(), mode) != 0 && errno != EEXIST) {
            return fail_errno("cannot create the folder " + part);
        }
        if (end == path.npos) return {};
    }
}

}  // namespace bootwire
