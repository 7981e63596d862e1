#include "handoff/os_fstab.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "disk/root_spec.h"

namespace bootwire::handoff {

namespace {

constexpr std::string_view card = "mmcblk0";

/// "/dev/mmcblk0p1" is partition 1 of mmcblk0.
struct DeviceName {
    std::string disk;
    unsigned number;
};

std::optional<DeviceName> partition_of_card(std::string_view link) {
    const size_t at = link.rfind("-part");
    const auto number =
        at == link.npos ? std::nullopt : parse_number<unsigned>(link.substr(at + 5));
    if (!number || *number == 0) return std::nullopt;
    return DeviceName{std::string(card), *number};
}

/// Nothing for what is no partition's name, as "PARTUUID=…".
std::optional<DeviceName> parse_device(std::string_view text) {
    constexpr std::string_view by_id = "/dev/disk/by-id/mmc-", by_path = "/dev/disk/by-path/";
    if (text.starts_with(by_id)) return partition_of_card(text);
    if (text.starts_with(by_path)) {
        return text.contains("mmc") || text.contains("sdhci") ? partition_of_card(text)
                                                              : std::nullopt;
    }
    if (!text.starts_with("/dev/")) return std::nullopt;
    std::string_view disk = text.substr(5);
    size_t end = disk.size();
    while (end > 0 && is_digit(disk[end - 1]))
        --end;
    const auto number = parse_number<unsigned>(disk.substr(end));
    disk = disk.substr(0, end);
    const bool named_with_p =
        disk.size() > 1 && disk.ends_with('p') && is_digit(disk[disk.size() - 2]);
    if (named_with_p) disk.remove_suffix(1);
    const bool is_disk = !disk.empty() && std::ranges::all_of(disk, [](char c) {
        return is_lower(c) || is_digit(c);
    });
    if (!is_disk || !number || *number == 0) return std::nullopt;
    const bool is_scsi = disk.starts_with("sd") || disk.starts_with("vd") || disk.starts_with("hd");
    if (named_with_p == is_scsi) return std::nullopt;  // loop0, md1, ram0: no partitions
    return DeviceName{std::string(disk), *number};
}

/// Of one line, as far as it is one. Views of the text.
struct Line {
    std::string_view device, folder, type;
};

Line parse_line(std::string_view text) {
    const auto fields = split_words(text);
    if (fields.size() < 3 || fields[0].starts_with('#')) return {};
    return {fields[0], fields[1], fields[2]};
}

/// Names of the disk at the time when its fstab was written.
std::vector<std::string> old_names(std::string_view fstab, const OwnDisk& disk) {
    std::vector<std::string> names;
    if (const auto root = parse_device(disk.root_word)) names.push_back(root->disk);
    for (const std::string_view text : split(fstab, '\n')) {
        const Line line = parse_line(text);
        const auto device = line.folder == "/" ? parse_device(line.device) : std::nullopt;
        if (device) names.push_back(device->disk);
    }
    if (names.empty()) names.emplace_back(card);
    return names;
}

bool fits(std::string_view wanted, std::string_view type) {
    return wanted == "auto" || wanted == type;
}

bool is_called(const OwnPartition& partition, const disk::RootSpec& name) {
    using Kind = disk::RootSpec::Kind;
    switch (name.kind) {
        case Kind::partuuid:
            return partition.part_uuid == name.text;
        case Kind::uuid:
            return same_ignoring_case(partition.uuid, name.text);
        case Kind::label:
            return partition.label == name.text;
        case Kind::partlabel:
            return partition.part_label == name.text;
        case Kind::partition_number:
        case Kind::whole_disk:
            return false;
    }
    return false;
}

/// Which of the disk's partitions the line means by a name that can be another disk's; null if
/// none.
const OwnPartition* meant(const Line& line, const std::vector<std::string>& names,
                          const OwnDisk& disk) {
    const auto device = parse_device(line.device);
    const bool by_number = device && std::ranges::find(names, device->disk) != names.end();
    const auto tag = disk.has_twin && !device ? disk::parse_root_spec(line.device)
                                              : Result<disk::RootSpec>(fail("not asked"));
    const auto own = std::ranges::find_if(disk.partitions, [&](const OwnPartition& partition) {
        return (by_number && partition.number == device->number) ||
               (tag && is_called(partition, *tag));
    });
    return own == disk.partitions.end() ? nullptr : &*own;
}

/// The node for a line, if it is one for which there is another one.
std::optional<std::string> own_node(const Line& line, const std::vector<std::string>& names,
                                    const OwnDisk& disk) {
    const OwnPartition* const own = meant(line, names, disk);
    if (own == nullptr) return std::nullopt;
    const bool is_root = line.folder == "/";
    const std::string& node = is_root ? disk.root_node : own->node;
    const bool usable = fits(line.type, is_root ? disk.root_type : own->type);
    return usable && node != line.device ? std::optional(node) : std::nullopt;
}

}  // namespace

std::optional<std::string> fstab_with_own_nodes(std::string_view fstab, const OwnDisk& disk) {
    const auto names = old_names(fstab, disk);
    std::string text;
    bool changed = false;
    while (!fstab.empty()) {
        const size_t end = std::min(fstab.find('\n'), fstab.size() - 1) + 1;
        const std::string_view raw = fstab.substr(0, end);
        fstab.remove_prefix(end);
        const Line line = parse_line(raw);
        const auto node = own_node(line, names, disk);
        if (!node) {
            text += raw;
            continue;
        }
        const size_t at = raw.find(line.device);
        text.append(raw.substr(0, at)).append(*node).append(raw.substr(at + line.device.size()));
        changed = true;
    }
    return changed ? std::optional(text) : std::nullopt;
}

}  // namespace bootwire::handoff
