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

std::vector<std::string> words_of(const plan::CommandLine& line) {
    std::vector<std::string> words{"iscsi.mode=pivot"};
    for (const plan::Word& word : line.words()) {
        for (const std::string_view name : network_words) {
            if (word.name == name) words.push_back(word.spelling);
        }
    }
    return words;
}

}  // namespace

Result<PackedSelf> pack_ourselves(const uplink::Network& network, const RootDisk& root,
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
    const kexec::OwnSystem system{std::move(*init),
                                  kexec::kernel_release(bytes_of(kernel.bytes)),
                                  board::network_device_aliases(link.name),
                                  root.choice.file_system.type,
                                  secrets_of(given.as_one_line()),
                                  (*root.boot_files)->command_line};
    const auto mounted = handoff::TemporaryMount::mount(
        {root.partition, "/root-partition", root.choice.file_system.type, root.root_flags, true});
    if (!mounted) return std::unexpected(mounted.error());
    const bool settled = root.command_line.line.value("overlayroot").has_value();
    const handoff::OverlayWish wish = handoff::overlay_wish(mounted->path());
    if (!settled && !wish.word.empty()) return std::unexpected(handoff::not_to_be_written_to(wish));
    auto archive = kexec::pack_own_system(system, handoff::MountedFolder(mounted->path()));
    if (!archive) return std::unexpected(archive.error());
    return PackedSelf{std::move(*archive), words_of(given.as_one_line())};
}

}  // namespace bootwire::init
