#include "board/modules.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <fts.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "base/text.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/log.h"

namespace bootwire::board {

namespace {

constexpr int module_init_compressed_file = 4;  // MODULE_INIT_COMPRESSED_FILE, linux/module.h

std::string normalised(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '-', '_');
    return text;
}

Status load_in_order(const std::string& folder, const std::vector<std::string>& modules) {
    for (const std::string& module : modules) {
        if (auto inserted = insert_module(folder + "/" + module + ".ko.xz"); !inserted)
            return inserted;
    }
    return {};
}

Result<ModuleIndex> read_index(const std::string& folder) {
    const auto text = read_file(folder + "/index");
    if (!text) return std::unexpected(text.error());
    return ModuleIndex::parse(*text);
}

}  // namespace

Status insert_module(const std::string& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return fail_errno("cannot open the kernel module " + path);
    const int flags = path.ends_with(".ko") ? 0 : module_init_compressed_file;
    if (syscall(SYS_finit_module, file.get(), "", flags) != 0 && errno != EEXIST) {
        return fail_errno("cannot load the kernel module " + path);
    }
    return {};
}

ModuleIndex ModuleIndex::parse(std::string_view text) {
    ModuleIndex index;
    for (const std::string_view line : split(text, '\n')) {
        const auto words = split_words(line);
        if (words.size() == 3 && words[0] == "alias") {
            index.aliases_.push_back({std::string(words[1]), std::string(words[2])});
        } else if (!words.empty() && words[0].ends_with(':')) {
            auto& needs = index.dependencies_[std::string(words[0].substr(0, words[0].size() - 1))];
            needs.assign(words.begin() + 1, words.end());
        }
    }
    return index;
}

std::vector<std::string> ModuleIndex::load_order(std::string_view name) const {
    for (const auto& [module, needs] : dependencies_) {
        if (normalised(module) != normalised(name)) continue;
        std::vector<std::string> order = needs;
        order.push_back(module);
        return order;
    }
    return {};
}

std::vector<std::string> ModuleIndex::matching(const std::string& alias) const {
    std::vector<std::string> modules;
    for (const auto& [pattern, module] : aliases_) {
        if (fnmatch(pattern.c_str(), alias.c_str(), 0) == 0 &&
            std::ranges::find(modules, module) == modules.end()) {
            modules.push_back(module);
        }
    }
    return modules;
}

Status load_module(const std::string& folder, const std::string& name_or_alias) {
    const auto index = read_index(folder);
    if (!index) return std::unexpected(index.error());
    if (const auto order = index->load_order(name_or_alias); !order.empty()) {
        return load_in_order(folder, order);
    }
    const auto modules = index->matching(name_or_alias);
    if (modules.empty()) return fail("this kernel has no module for " + printable(name_or_alias));
    for (const std::string& module : modules) {
        if (auto loaded = load_in_order(folder, index->load_order(module)); !loaded) return loaded;
    }
    return {};
}

void load_modules_of_devices(const std::string& folder) {
    const auto index = read_index(folder);
    if (!index) return;
    std::set<std::string> modules;
    char root[] = "/sys/devices";
    char* const roots[] = {root, nullptr};
    FTS* const walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, nullptr);
    if (walk == nullptr) return;
    while (const FTSENT* entry = fts_read(walk)) {
        if (std::strcmp(entry->fts_name, "modalias") != 0) continue;
        const auto alias = read_file(entry->fts_path, 4096);
        if (!alias) continue;
        for (std::string& name : index->matching(std::string(trim(*alias)))) {
            modules.insert(std::move(name));
        }
    }
    fts_close(walk);
    for (const std::string& module : modules) {
        const auto loaded = load_in_order(folder, index->load_order(module));
        if (!loaded) log::warning(loaded.error().what);
    }
}

}  // namespace bootwire::board
