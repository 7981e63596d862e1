#include "kexec/module_set.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/text.h"

namespace bootwire::kexec {

namespace {

constexpr size_t most_modules = 512;  // in one set

std::string normalised(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '-', '_');
    return text;
}

/// Calls for each line; no copy of a table that has megabytes.
template <class Take>
void for_each_line(std::string_view text, Take take) {
    while (!text.empty()) {
        const size_t end = text.find('\n');
        take(trim(text.substr(0, end)));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
}

}  // namespace

std::string module_name(std::string_view path) {
    path = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
    return normalised(path.substr(0, path.find(".ko")));
}

ModuleSet::ModuleSet(std::string_view modules_dep, std::string_view modules_alias,
                     std::string_view modules_softdep) {
    for_each_line(modules_dep, [&](std::string_view line) {
        const size_t colon = line.find(':');
        if (colon == line.npos || line.starts_with('#')) return;
        const std::string_view path = line.substr(0, colon);
        modules_.push_back({module_name(path), path, trim(line.substr(colon + 1)), {}, {}});
    });
    std::ranges::sort(modules_, {}, &Module::name);
    for_each_line(modules_alias, [&](std::string_view line) {
        if (!line.starts_with("alias ")) return;
        line.remove_prefix(6);
        const size_t blank = line.rfind(' ');  // a pattern may hold blanks
        if (blank == line.npos) return;
        aliases_.push_back({trim(line.substr(0, blank)), line.substr(blank + 1)});
    });
    for_each_line(modules_softdep, [&](std::string_view line) { take_softdep(line); });
}

/// "softdep NAME pre: A B post: C"
void ModuleSet::take_softdep(std::string_view line) {
    const auto words = split_words(line);
    if (words.size() < 4 || words[0] != "softdep") return;
    Module* const module_of_line = find(words[1]);
    if (module_of_line == nullptr) return;
    const size_t before = line.find(" pre:"), after = line.find(" post:");
    if (before != line.npos) {
        module_of_line->before = line.substr(before + 5);
        if (after != line.npos && after > before) {
            module_of_line->before = line.substr(before + 5, after - before - 5);
        }
    }
    if (after != line.npos && (before == line.npos || after > before)) {
        module_of_line->after = line.substr(after + 6);
    }
}

ModuleSet::Module* ModuleSet::find(std::string_view name) {
    const std::string wanted = normalised(name);
    const auto found = std::ranges::lower_bound(modules_, wanted, {}, &Module::name);
    return found == modules_.end() || found->name != wanted ? nullptr : &*found;
}

void ModuleSet::add_path(std::string_view path) {
    if (paths_.size() < most_modules && std::ranges::find(paths_, path) == paths_.end()) {
        paths_.push_back(path);
    }
}

/// The module with what it cannot do without. The whole closure is listed; what must be loaded
/// first comes last (kmod reads it backwards).
void ModuleSet::add(Module& module_to_add) {
    auto needs = split_words(module_to_add.needs);
    std::ranges::reverse(needs);
    for (const std::string_view path : needs)
        add_path(path);
    add_path(module_to_add.path);
}

/// Soft dependencies have none of their own here: those that Linux has do not need it.
void ModuleSet::add_all(std::string_view names) {
    for (const std::string_view name : split_words(names)) {
        if (Module* const found = find(name)) add(*found);
    }
}

bool ModuleSet::add(std::string_view name) {
    Module* const found = find(name);
    if (found == nullptr) return false;
    add_all(found->before);
    add(*found);
    add_all(found->after);
    return true;
}

void ModuleSet::add_matching(const std::string& alias) {
    for (const Alias& known : aliases_) {
        // Most are of another bus: compare that without a pattern.
        if (known.pattern.substr(0, 3) != std::string_view(alias).substr(0, 3)) continue;
        if (fnmatch(std::string(known.pattern).c_str(), alias.c_str(), 0) == 0) add(known.module);
    }
}

}  // namespace bootwire::kexec
