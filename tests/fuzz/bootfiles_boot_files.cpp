// A boot partition's text files, divided by NUL bytes as NAME NUL TEXT NUL …, lead to files that
// are there (overlays need not be) and do not lie outside of the partition, for every kind of
// board; and to words that are somewhere.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bootfiles/boot_files.h"
#include "bootfiles/loader_entries.h"
#include "memory_folder.h"

namespace {

using namespace bootwire::bootfiles;

void check(const Folder& folder, const std::string& path) {
    if (path.empty() || !folder.exists(path) || clean_path(path) != path) std::abort();
}

void check_words(const Folder& folder, const Board& board) {
    const auto words = find_words(folder, board);
    if (words.place.empty() && !words.text.empty()) std::abort();
    if (read_autoboot(folder, board).partition == 0u) std::abort();
    if (const auto others = find_loader_words(folder, board)) {
        if (others->place.empty()) std::abort();
    }
}

void check(const Folder& folder, const Board& board) {
    check_words(folder, board);
    const auto files = find_boot_files(folder, board);
    if (!files) {
        if (files.error().what.empty()) std::abort();
        return;
    }
    check(folder, files->kernel);
    if (!files->device_tree.empty()) check(folder, files->device_tree);
    for (const std::string& path : files->initramfs)
        check(folder, path);
    for (const TreeChange& change : files->tree_changes) {
        if (clean_path(change.overlay) != change.overlay) std::abort();
    }
    if (files->notes.size() > 2000) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    MemoryFolder folder;
    std::string previous;
    while (!text.empty() && folder.files.size() < 64) {
        const size_t end = text.find('\0');
        const std::string name(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        const size_t content_end = text.find('\0');
        folder.files[name] = text.substr(0, content_end);
        text = content_end == text.npos ? std::string_view{} : text.substr(content_end + 1);
        const auto order = compare_versions(previous, name);
        if (order != (0 <=> compare_versions(name, previous))) std::abort();
        previous = name;
    }
    check(folder, Board{});
    for (const uint32_t revision : {0xa02082U, 0xc03114U, 0xd04170U, 0x902120U, 0xb03140U})
        check(folder, Board{revision, "10000000abcdef01", 1});
    return 0;
}
