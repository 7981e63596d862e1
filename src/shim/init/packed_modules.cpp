#include "init/packed_modules.h"

#include <unistd.h>

#include "base/text.h"
#include "board/modules.h"
#include "kexec/own_system.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::init {

namespace {

const std::string list_path = std::string("/") + kexec::load_order_file;
const std::string disk_words_path = std::string("/") + kexec::disk_words_file;
const std::string secrets_path = std::string("/") + kexec::secrets_file;

}  // namespace

bool has_packed_modules() {
    return access(list_path.c_str(), F_OK) == 0;
}

void load_packed_modules() {
    const auto list = read_file(list_path);
    if (!list) return;
    size_t loaded = 0;
    for (const std::string_view name : split_words(*list)) {
        const std::string path = "/modules/" + std::string(name) + ".ko";
        const bool plain = access(path.c_str(), F_OK) == 0;
        if (auto done = board::insert_module(plain ? path : path + ".xz"); !done) {
            log::warning(done.error().what);
        } else {
            ++loaded;
        }
    }
    log::info("loaded " + std::to_string(loaded) + " modules of the disk's kernel");
}

std::string take_packed_secrets() {
    auto secrets = read_file(secrets_path);
    if (!secrets) return {};
    unlink(secrets_path.c_str());
    return std::move(*secrets);
}

std::optional<std::string> packed_disk_words() {
    auto words = read_file(disk_words_path);
    if (!words) return std::nullopt;
    return std::move(*words);
}

}  // namespace bootwire::init
