#include "disk/choose_root.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::disk {

namespace {

bool fits(const RootSpec& spec, const Volume& volume) {
    const Partition& partition = volume.partition;
    const std::optional<FileSystem>& file_system = volume.file_system;
    switch (spec.kind) {
        case RootSpec::Kind::partuuid:
            return same_ignoring_case(partition.part_uuid, spec.text);
        case RootSpec::Kind::uuid:
            return file_system && same_ignoring_case(file_system->uuid, spec.text);
        case RootSpec::Kind::label:
            return file_system && file_system->label == spec.text;
        case RootSpec::Kind::partlabel:
            return partition.part_label == spec.text;
        case RootSpec::Kind::partition_number:
            return partition.number == spec.number;
        case RootSpec::Kind::whole_disk:
            return false;
    }
    return false;
}

bool is_linux(const Volume& volume) {
    return volume.file_system && volume.file_system->use == FileSystemUse::root;
}

std::string there_is(const Layout& layout) {
    return "the disk has " + layout.to_string();
}

RootChoice choice_of(const Volume& volume, std::string_view why) {
    const FileSystem& file_system = *volume.file_system;
    RootChoice choice{volume.partition.number,
                      volume.partition.start,
                      volume.partition.size,
                      file_system,
                      volume.partition.part_uuid,
                      {},
                      {}};
    choice.why = "partition " + std::to_string(choice.number) + ", " + file_system.type;
    if (!file_system.label.empty()) {
        choice.why += " \"" + printable(file_system.label, 40) + '"';
    }
    choice.why += ": " + std::string(why);
    return choice;
}

Result<RootChoice> whole_disk(const Layout& layout, std::string_view why) {
    if (layout.table.kind != TableKind::none) {
        return fail("the whole disk is not one file system: " + there_is(layout),
                    "name one of the partitions with iscsi.root=");
    }
    if (!layout.whole_disk) {
        return fail("there is neither a partition table nor a known file system on the disk",
                    "write an image to it");
    }
    if (layout.whole_disk->use != FileSystemUse::root) {
        return fail("the whole disk can't be the root: " +
                    std::string(layout.whole_disk->why_not()));
    }
    RootChoice choice{0, 0, layout.size, *layout.whole_disk, {}, {}, {}};
    choice.why = "the whole disk, " + layout.whole_disk->type + ": " + std::string(why);
    return choice;
}

/// What `spec` names; label: how it was asked for, as in "iscsi.root=PARTUUID=…".
Result<RootChoice> by_spec(const Layout& layout, const RootSpec& spec, const std::string& label) {
    if (spec.kind == RootSpec::Kind::whole_disk) return whole_disk(layout, label);
    std::vector<const Volume*> found;
    for (const Volume& volume : layout.volumes) {
        if (fits(spec, volume)) found.push_back(&volume);
    }
    if (found.empty() && layout.table.kind == TableKind::none && layout.whole_disk) {
        const Volume disk{{}, layout.whole_disk};
        const bool by_content =
            spec.kind == RootSpec::Kind::uuid || spec.kind == RootSpec::Kind::label;
        if (by_content && fits(spec, disk)) return whole_disk(layout, label);
    }
    if (found.empty()) {
        return fail(label + " is not on the disk: " + there_is(layout),
                    "check the image on the disk, or name one of these");
    }
    if (found.size() > 1) {
        return fail(
            label + " is there " + std::to_string(found.size()) + " times: " + there_is(layout),
            "name the partition by its number or PARTUUID");
    }
    const Volume& volume = *found.front();
    if (is_linux(volume)) return choice_of(volume, label);
    const std::string why_not = volume.partition.extended ? "it only holds the logical partitions"
                                : volume.file_system ? std::string(volume.file_system->why_not())
                                                     : "it holds no known file system";
    return fail(label + " is partition " + std::to_string(volume.partition.number) +
                    ", which can't be the root: " + why_not + "; " + there_is(layout),
                "name another partition with iscsi.root=");
}

/// Disks whose second partition looks like a root and is none.
struct OtherSystem {
    std::string_view name;
    bool (*is_there)(const Volume& volume);
    std::string_view hint;
};

bool is_of_home_assistant(const Volume& volume) {
    const std::string label = volume.file_system ? volume.file_system->label : "";
    return lower(volume.partition.part_label).starts_with("hassos-") ||
           lower(label).starts_with("hassos-");
}

bool is_of_libreelec(const Volume& volume) {
    return is_linux(volume) && volume.file_system->label == "STORAGE";
}

constexpr OtherSystem other_systems[] = {
    {"Home Assistant OS", is_of_home_assistant,
     "its own boot loader chooses one of its two systems, which need its own kernel: Home "
     "Assistant "
     "Container on Raspberry Pi OS or Debian is what boots here"},
    {"LibreELEC", is_of_libreelec,
     "its system is a file on the FAT partition, which its own initramfs finds on a card: Kodi on "
     "Raspberry Pi OS or Debian is what boots here"},
};

Status refuse_other_systems(const Layout& layout) {
    for (const OtherSystem& system : other_systems) {
        if (std::ranges::none_of(layout.volumes, system.is_there)) continue;
        return fail("the disk holds " + std::string(system.name) +
                        ", which has no root that can be switched into: " + there_is(layout),
                    std::string(system.hint));
    }
    return {};
}

Result<RootChoice> by_convention(const Layout& layout) {
    if (auto usual = refuse_other_systems(layout); !usual) return std::unexpected(usual.error());
    const Volume* second = layout.find(2);
    if (second != nullptr && is_linux(*second)) {
        return choice_of(*second, "the second partition, as usual on a Raspberry Pi");
    }
    if (layout.table.kind == TableKind::none) {
        return whole_disk(layout, "there is no partition table");
    }
    const auto count = std::ranges::count_if(layout.volumes, is_linux);
    if (count == 1) {
        return choice_of(*std::ranges::find_if(layout.volumes, is_linux),
                         "the only Linux file system");
    }
    if (count == 0) {
        return fail("there is no root file system on the disk: " + there_is(layout),
                    "write an image to it");
    }
    return fail("several partitions could be the root, and nothing says which: " + there_is(layout),
                "name it with iscsi.root=");
}

}  // namespace

Result<RootChoice> choose_root(const Layout& layout, const std::optional<RootSpec>& wish,
                               std::string_view cmdline_root, std::string_view said_in) {
    if (wish) {
        return by_spec(layout, *wish, "iscsi.root=" + printable(wish->to_string(), 80));
    }
    std::vector<std::string> warnings;
    if (!cmdline_root.empty()) {
        const std::string label =
            "root=" + printable(cmdline_root, 80) + " in the disk's " + std::string(said_in);
        const auto spec = parse_root_spec(cmdline_root);
        if (!spec) {
            warnings.push_back(label + " is not usable: " + spec.error().what);
        } else {
            auto choice = by_spec(layout, *spec, label);
            if (choice) return choice;
            warnings.push_back(choice.error().what);
        }
    }
    auto choice = by_convention(layout);
    if (choice) {
        choice->warnings = std::move(warnings);
        return choice;
    }
    Error error = std::move(choice.error());
    if (!warnings.empty()) error.what = warnings.front() + "; " + error.what;
    return std::unexpected(std::move(error));
}

}  // namespace bootwire::disk
