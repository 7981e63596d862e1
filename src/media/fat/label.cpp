#include "fat/label.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "fat/folder_entry.h"

namespace bootwire::fat {

namespace {

/// A root folder is looked through up to here; the label is among its first entries.
constexpr size_t max_folder = 64 * 1024;

/// The label in a piece of a root folder; sets `end` where the folder ends.
std::optional<std::string> label_in(Bytes folder, bool& end) {
    for (size_t at = 0; at + entry::size <= folder.size(); at += entry::size) {
        const uint8_t* item = folder.data() + at;
        if (item[entry::name] == entry::end_of_folder) {
            end = true;
            return std::nullopt;
        }
        const uint8_t attributes = item[entry::attributes];
        if (item[entry::name] == entry::deleted ||
            (attributes & entry::long_name) == entry::long_name) {
            continue;
        }
        if ((attributes & (entry::volume_label | entry::folder)) != entry::volume_label) continue;
        std::string label(reinterpret_cast<const char*>(item), entry::name_size);
        if (item[entry::name] == entry::stands_for_e5) label[0] = static_cast<char>(0xe5);
        label.erase(label.find_last_not_of(' ') + 1);
        if (label == "NO NAME") label.clear();
        return label;
    }
    return std::nullopt;
}

class LabelFinder {
  public:
    LabelFinder(const storage::BlockSource& volume, const Geometry& geometry)
        : volume_(volume), geometry_(geometry) {}

    Result<std::string> find() {
        if (geometry_.type == Type::fat32) return find_in_chain();
        const size_t length = size_t{geometry_.root_entries} * entry::size;
        auto label = look_at(geometry_.root, std::min(length, max_folder));
        if (!label) return std::unexpected(label.error());
        return label->value_or("");
    }

  private:
    /// FAT32: the root folder is a chain of clusters, as any other.
    Result<std::string> find_in_chain() {
        uint32_t cluster = geometry_.root_cluster;
        for (size_t seen = 0; seen < max_folder && geometry_.has_cluster(cluster);
             seen += geometry_.cluster_size) {
            auto label = look_at(geometry_.cluster_position(cluster),
                                 std::min<size_t>(geometry_.cluster_size, max_folder));
            if (!label) return std::unexpected(label.error());
            if (*label || end_) return label->value_or("");
            uint8_t link[4];
            const uint64_t position = geometry_.link_position(cluster);
            if (!volume_.has(position, sizeof link)) break;
            if (auto status = volume_.read(position, link); !status) {
                return std::unexpected(status.error());
            }
            cluster = geometry_.next_cluster(cluster, link);
        }
        return std::string();
    }

    Result<std::optional<std::string>> look_at(uint64_t position, size_t length) {
        if (!volume_.has(position, length)) {
            end_ = true;
            return std::nullopt;
        }
        std::vector<uint8_t> folder(length);
        if (auto status = volume_.read(position, folder); !status) {
            return std::unexpected(status.error());
        }
        return label_in(folder, end_);
    }

    const storage::BlockSource& volume_;
    const Geometry& geometry_;
    bool end_ = false;
};

}  // namespace

Result<std::string> read_label(const storage::BlockSource& volume, const Geometry& geometry) {
    return LabelFinder(volume, geometry).find();
}

}  // namespace bootwire::fat
