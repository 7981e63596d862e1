#include "init/packed_modules.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <vector>

#include "base/text.h"
#include "board/modules.h"
#include "handoff/mounted_folder.h"
#include "kexec/own_system.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

const std::string list_path = std::string("/") + kexec::load_order_file;
const std::string disk_words_path = std::string("/") + kexec::disk_words_file;
const std::string secrets_path = std::string("/") + kexec::secrets_file;
const std::string aliases_path = std::string("/") + kexec::aliases_file;
const std::string words_path = std::string("/") + kexec::words_file;
const std::string next_init_path = std::string("/") + kexec::next_init_file;

bool is_there(const std::string& path) {
    return access(path.c_str(), F_OK) == 0;
}

std::optional<std::string> content_of(const std::string& path) {
    auto content = read_file(path);
    if (!content) return std::nullopt;
    return std::move(*content);
}

std::vector<std::string> packed_paths(std::string_view list) {
    std::vector<std::string> paths;
    for (const std::string_view name : split_words(list)) {
        const std::string path = "/modules/" + std::string(name) + ".ko";
        paths.push_back(is_there(path) ? path : path + ".xz");
    }
    return paths;
}

/// What the kernel has unpacked of the disk's initramfs.
std::vector<std::string> paths_in_initramfs() {
    utsname running{};
    uname(&running);
    const std::string lines = content_of(aliases_path).value_or("");
    std::vector<std::string> aliases;
    for (const std::string_view alias : split(lines, '\n'))
        aliases.emplace_back(alias);
    auto paths = kexec::needed_modules(running.release, aliases, "", handoff::MountedFolder("/"));
    if (paths) {
        for (std::string& path : *paths)
            path.insert(0, "/");
        return std::move(*paths);
    }
    log::warning("the disk's initramfs has no modules for its kernel, " +
                 printable(running.release, 80));
    return {};
}

}  // namespace

bool has_packed_modules() {
    return is_there(list_path) || is_there(aliases_path);
}

void load_packed_modules() {
    if (!has_packed_modules()) return;
    const auto list = content_of(list_path);
    size_t loaded = 0;
    for (const std::string& path : list ? packed_paths(*list) : paths_in_initramfs()) {
        if (auto done = board::insert_module(path); !done) {
            log::warning(done.error().what);
        } else {
            ++loaded;
        }
    }
    log::info("loaded " + std::to_string(loaded) + " modules of the disk's kernel");
}

std::optional<std::string> packed_words() {
    return content_of(words_path);
}

std::optional<std::string> packed_next_init() {
    return content_of(next_init_path);
}

std::string take_packed_secrets() {
    auto secrets = read_file(secrets_path);
    if (!secrets) return {};
    unlink(secrets_path.c_str());
    return std::move(*secrets);
}

std::optional<std::string> packed_disk_words() {
    return content_of(disk_words_path);
}

}  // namespace bootwire::init
