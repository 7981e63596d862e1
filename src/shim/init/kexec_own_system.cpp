#include "init/kexec_own_system.h"

#include "board/device_aliases.h"
#include "handoff/mount.h"
#include "handoff/mounted_folder.h"
#include "handoff/os_overlay.h"
#include "kexec/own_system.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr size_t largest_init = 16 << 20;
constexpr uint32_t largest_page = 16384;  // as the program is linked: cmake/aarch64.cmake

/// What the next system's command line would not have otherwise: see plan/disk_cmdline.cpp.
constexpr std::string_view network_words[] = {"ip", "vlan", "dns", "nameserver"};

std::string secrets_of(const plan::CommandLine& line) {
    std::string lines;
    for (const plan::Word& word : line.words()) {
        if (plan::is_secret_parameter(word.name) && word.value) {
            lines += word.name + "=" + *word.value + "\n";
        }
    }
    return lines;
}

constexpr std::string_view mode_word = "iscsi.mode=pivot";  // not into kexec again

std::vector<std::string> words_of(const plan::CommandLine& line) {
    std::vector<std::string> words{std::string(mode_word)};
    for (const plan::Word& word : line.words()) {
        for (const std::string_view name : network_words) {
            if (word.name == name) words.push_back(word.spelling);
        }
    }
    return words;
}

/// All of them; a later one wins.
std::string line_of(const plan::CommandLine& line) {
    std::string text;
    for (const plan::Word& word : line.words()) {
        if (!plan::is_secret_parameter(word.name)) text += word.spelling + ' ';
    }
    return text.append(mode_word);
}

/// What both kinds have; without modules and words.
Result<kexec::OwnSystem> make_system(const uplink::Network& network, const RootDisk& root,
                                     const kexec::KernelImage& kernel, const plan::Given& given) {
    if (kernel.header.page_size > largest_page) {
        return fail(
            "the disk's initramfs cannot log in, and bootwire's own program does not run "
            "under a kernel with memory pages of " +
                std::to_string(kernel.header.page_size / 1024) + " KB",
            "install open-iscsi or dracut's iscsi module on the disk, or another kernel");
    }
    auto init = read_file("/proc/self/exe", largest_init);
    if (!init) return std::unexpected(init.error());
    const net::Link& link = network.below.value_or(network.link);
    return kexec::OwnSystem{std::move(*init),
                            kexec::kernel_release(bytes_of(kernel.bytes)),
                            board::network_device_aliases(link.name),
                            root.choice.file_system.type,
                            secrets_of(given.as_one_line()),
                            (*root.boot_files)->command_line};
}

Result<handoff::TemporaryMount> mount_root(const RootDisk& root) {
    return handoff::TemporaryMount::mount(
        {root.partition, "/root-partition", root.choice.file_system.type, root.root_flags, true});
}

}  // namespace

Result<PackedSelf> pack_ourselves(const uplink::Network& network, const RootDisk& root,
                                  const kexec::KernelImage& kernel, const plan::Given& given) {
    const auto system = make_system(network, root, kernel, given);
    if (!system) return std::unexpected(system.error());
    const auto mounted = mount_root(root);
    if (!mounted) return std::unexpected(mounted.error());
    const bool settled = root.command_line.line.value("overlayroot").has_value();
    const handoff::OverlayWish wish = handoff::overlay_wish(mounted->path());
    if (!settled && !wish.word.empty()) return std::unexpected(handoff::not_to_be_written_to(wish));
    auto archive = kexec::pack_own_system(*system, handoff::MountedFolder(mounted->path()));
    if (!archive) return std::unexpected(archive.error());
    return PackedSelf{std::move(*archive), words_of(given.as_one_line())};
}

Result<PackedSelf> pack_forerunner(const uplink::Network& network, const RootDisk& root,
                                   const kexec::KernelImage& kernel, const plan::Given& given) {
    auto system = make_system(network, root, kernel, given);
    if (!system) return std::unexpected(system.error());
    system->words = line_of(given.as_one_line());
    system->root_type.clear();  // that is the initramfs's to mount
    const auto& disk_line = root.command_line.line;
    const std::string next_init(disk_line.value("rdinit").value_or("/init"));
    std::vector<std::string> words{std::string("rdinit=/") + kexec::forerunner_program};
    if (root.has_root()) {
        if (const auto mounted = mount_root(root)) {
            const handoff::MountedFolder folder(mounted->path());
            return PackedSelf{kexec::pack_forerunner(*system, next_init, &folder),
                              std::move(words)};
        }
    }
    return PackedSelf{kexec::pack_forerunner(*system, next_init, nullptr), std::move(words)};
}

}  // namespace bootwire::init
