#include "kexec/own_system.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "kexec/cpio.h"
#include "kexec/decompress.h"
#include "kexec/module_set.h"

namespace bootwire::kexec {

namespace {

constexpr size_t largest_table = 16 << 20;
constexpr size_t largest_module = 32 << 20;
constexpr size_t longest_release = 64;

/// What no device asks for. Those that a kernel has built in, or has not, are passed over.
constexpr std::string_view needed_names[] = {"af_packet",     "iscsi_tcp", "sd_mod",
                                             "vfat",          "nls_cp437", "nls_ascii",
                                             "nls_iso8859_1", "nls_utf8",  "8021q"};
/// What modules ask for by a name of their own while they run.
constexpr const char* needed_aliases[] = {"crypto-crc32c", "net-pf-17"};

/// One of depmod's tables. An empty one, as a power cut leaves it behind, is none.
Result<std::string> read_table(const bootfiles::Folder& root, const std::string& path) {
    auto text = root.read(path, largest_table);
    if (text && text->empty()) {
        return fail(printable(path, 120) + " is empty", "run depmod on the disk's system");
    }
    return text;
}

/// Not compressed where we can undo it, so that the next kernel need not. Its name's end says what
/// is left.
struct ModuleFile {
    std::string content;
    std::string ending = ".ko";
};

Result<ModuleFile> read_module(const bootfiles::Folder& root, const std::string& path) {
    auto file = root.read(path, largest_module);
    if (!file) return std::unexpected(file.error());
    const Bytes bytes = bytes_of(*file);
    const Compression compression = recognise_compression(bytes);
    if (compression == Compression::none) return ModuleFile{std::move(*file)};
    if (compression == Compression::xz) return ModuleFile{std::move(*file), ".ko.xz"};
    auto unpacked = unpack(bytes, largest_module);
    if (unpacked) return ModuleFile{std::move(*unpacked)};
    return fail("the module " + printable(path, 120) + " " + unpacked.error().what,
                unpacked.error().hint);
}

Status add_modules(const OwnSystem& system, const bootfiles::Folder& root, CpioWriter& archive) {
    const auto paths =
        needed_modules(system.release, system.device_aliases, system.root_type, root);
    if (!paths) return std::unexpected(paths.error());
    std::string order;
    std::vector<std::pair<std::string, ModuleFile>> files;
    for (const std::string& path : *paths) {
        auto module = read_module(root, path);
        if (!module) return std::unexpected(module.error());
        order += module_name(path) + "\n";
        files.emplace_back(module_name(path), std::move(*module));
    }
    for (const auto& [name, module] : files)
        archive.add_file("modules/" + name + module.ending, module.content);
    archive.add_file(load_order_file, order);
    return {};
}

void add_folders(CpioWriter& archive) {
    for (const char* folder : {"dev", "proc", "sys", "run", "modules"})
        archive.add_folder(folder);
    archive.add_folder("root", 0700);
    archive.add_device("dev/console", 5, 1, 0600);
    archive.add_device("dev/null", 1, 3, 0666);
}

}  // namespace

std::string kernel_release(Bytes image) {
    const std::string_view text = text_of(image);
    constexpr std::string_view banner = "Linux version ";
    for (size_t at = text.find(banner); at != text.npos; at = text.find(banner, at + 1)) {
        std::string_view rest = text.substr(at + banner.size(), longest_release + 1);
        rest = rest.substr(0, rest.find(' '));
        const bool usable =
            !rest.empty() && rest.size() <= longest_release && is_digit(rest[0]) &&
            std::ranges::all_of(rest, [](char c) { return is_graphic(c) && c != '/' && c != '%'; });
        if (usable) return std::string(rest);
    }
    return {};
}

Result<std::string> pack_own_system(const OwnSystem& system, const bootfiles::Folder& root) {
    if (system.release.empty()) {
        return fail("the disk's kernel does not say its version", "boot with iscsi.mode=pivot");
    }
    CpioWriter archive;
    add_folders(archive);
    archive.add_file("init", system.init, 0755);
    if (!system.secrets.empty()) archive.add_file(secrets_file, system.secrets, 0400);
    archive.add_file(disk_words_file, system.disk_words, 0400);  // secrets may be in it
    if (auto added = add_modules(system, root, archive); !added) {
        return std::unexpected(added.error());
    }
    return archive.finish();
}

Result<std::vector<std::string>> needed_modules(const std::string& release,
                                                const std::vector<std::string>& device_aliases,
                                                const std::string& root_type,
                                                const bootfiles::Folder& root) {
    const std::string folder = "lib/modules/" + release + "/";
    const auto dependencies = read_table(root, folder + "modules.dep");
    if (!dependencies) {
        return fail("the root file system has no modules for the kernel " + printable(release, 80),
                    "/lib/modules/" + printable(release, 80) +
                        "/modules.dep is missing: "
                        "is it the kernel that belongs to this system?");
    }
    const auto aliases = read_table(root, folder + "modules.alias");
    if (!aliases) return std::unexpected(aliases.error());
    const auto softdeps = read_table(root, folder + "modules.softdep");  // not every kmod has it
    ModuleSet modules(*dependencies, *aliases, softdeps.value_or(""));
    for (const std::string& alias : device_aliases)
        modules.add_matching(alias);
    for (const char* alias : needed_aliases)
        modules.add_matching(alias);
    for (const std::string_view name : needed_names)
        modules.add(name);
    modules.add(root_type);
    std::vector<std::string> paths;
    for (const std::string_view path : modules.paths())
        paths.push_back(folder + std::string(path));
    return paths;
}

std::string pack_forerunner(const OwnSystem& system, const std::string& next_init,
                            const bootfiles::Folder* root) {
    CpioWriter archive;
    add_folders(archive);
    archive.add_file(forerunner_program, system.init, 0755);
    archive.add_file(next_init_file, next_init);
    archive.add_file(words_file, system.words, 0400);
    if (!system.secrets.empty()) archive.add_file(secrets_file, system.secrets, 0400);
    const bool with_modules = root != nullptr && add_modules(system, *root, archive);
    if (!with_modules) archive.add_file(aliases_file, join(system.device_aliases, "\n"));
    return archive.finish();
}

}  // namespace bootwire::kexec
