#include "disk/layout.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace bootwire::disk {

namespace {

std::string file_system_text(const std::optional<FileSystem>& file_system) {
    if (!file_system) return "no known file system";
    std::string text = file_system->type;
    if (!file_system->label.empty()) text += " \"" + printable(file_system->label, 40) + '"';
    return text;
}

}  // namespace

const Volume* Layout::boot_partition() const {
    const auto found = std::ranges::find_if(volumes, [](const Volume& volume) {
        return volume.file_system && volume.file_system->use == FileSystemUse::fat;
    });
    return found == volumes.end() ? nullptr : &*found;
}

const Volume* Layout::find(unsigned number) const {
    const auto found = std::ranges::find_if(
        volumes, [&](const Volume& volume) { return volume.partition.number == number; });
    return found == volumes.end() ? nullptr : &*found;
}

std::string Layout::to_string() const {
    constexpr size_t most_shown = 12;
    if (table.kind == TableKind::none) {
        return "no partition table, " + file_system_text(whole_disk) + ", " + size_text(size);
    }
    std::string text(disk::to_string(table.kind));
    text += ':';
    if (volumes.empty()) return text + " no partitions";
    for (size_t i = 0; i < volumes.size(); ++i) {
        if (i == most_shown) {
            text += ", and " + std::to_string(volumes.size() - i) + " more";
            break;
        }
        const Partition& partition = volumes[i].partition;
        text += (i > 0 ? ", " : " ") + std::to_string(partition.number) + ' ';
        text += partition.extended ? "extended" : file_system_text(volumes[i].file_system);
        text += ' ' + size_text(partition.size);
    }
    return text;
}

Result<Layout> read_layout(const storage::BlockSource& disk) {
    auto table = read_partition_table(disk);
    if (!table) return std::unexpected(table.error());
    Layout layout{std::move(*table), {}, {}, disk.size()};
    if (layout.table.kind == TableKind::none) {
        auto found = probe_file_system(disk, 0, disk.size());
        if (!found) return std::unexpected(found.error());
        layout.whole_disk = std::move(*found);
        return layout;
    }
    for (const Partition& partition : layout.table.partitions) {
        Volume volume{partition, {}};
        if (!partition.extended) {
            auto found = probe_file_system(disk, partition.start, partition.size);
            if (!found) return std::unexpected(found.error());
            volume.file_system = std::move(*found);
        }
        layout.volumes.push_back(std::move(volume));
    }
    return layout;
}

std::string size_text(uint64_t bytes) {
    constexpr std::array<std::string_view, 6> units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) return std::to_string(bytes) + " bytes";
    size_t unit = 0;
    uint64_t whole = bytes / 1024;
    uint64_t rest = bytes % 1024;
    while (whole >= 1024) {
        rest = whole % 1024;
        whole /= 1024;
        ++unit;
    }
    std::string text = std::to_string(whole);
    if (const uint64_t tenth = rest * 10 / 1024; tenth > 0 && whole < 100) {
        text += '.' + std::to_string(tenth);
    }
    return text + ' ' + std::string(units[unit]);
}

}  // namespace bootwire::disk
