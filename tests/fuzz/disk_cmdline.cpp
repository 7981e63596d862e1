// The disk's cmdline.txt and the running kernel's command line, divided by a NUL, are merged into a
// bounded line without secrets.
#include "plan/disk_cmdline.h"

#include <cstdlib>
#include <string_view>

#include "disk/root_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire::plan;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t end = text.find('\0');
    const auto disk = read_disk_cmdline(text.substr(0, end));
    const auto running =
        CommandLine::parse(end == text.npos ? std::string_view{} : text.substr(end + 1));
    if (const auto root = bootwire::disk::parse_root_spec(disk.root)) {
        const auto again = bootwire::disk::parse_root_spec(root->to_string());
        if (!again || *again != *root) std::abort();
    }
    const auto merged = merge_command_lines(disk, running, {disk.root, disk.init});
    if (merged.text.size() > max_merged_length || !merged.text.ends_with('\n')) std::abort();
    const auto again = CommandLine::parse(merged.text);
    for (const auto* words : {&again.words(), &again.init_arguments()}) {
        for (const Word& word : *words) {
            if (is_secret_parameter(word.name) && word.value) std::abort();
        }
    }
    return 0;
}
