#include "disk/other_blocks.h"

#include <algorithm>

namespace bootwire::disk {

namespace {

constexpr uint32_t small = 512;
constexpr uint32_t large = 4096;

/// The same bytes, in blocks of the other size.
class Regrouped : public storage::BlockSource {
  public:
    explicit Regrouped(const storage::BlockSource& disk) : disk_(disk) {}

    uint64_t size() const override { return disk_.size(); }
    uint32_t block_size() const override { return disk_.block_size() == small ? large : small; }
    Status read(uint64_t offset, MutableBytes into) const override {
        return disk_.read(offset, into);
    }

  private:
    const storage::BlockSource& disk_;
};

bool makes_sense(const Layout& layout) {
    const auto is_known = [](const Volume& volume) { return volume.file_system.has_value(); };
    return layout.whole_disk || std::ranges::any_of(layout.volumes, is_known);
}

}  // namespace

std::optional<uint32_t> made_for_blocks_of(const storage::BlockSource& disk,
                                           const Result<Layout>& layout) {
    if (layout && makes_sense(*layout)) return std::nullopt;
    const Regrouped regrouped(disk);
    const auto other = read_layout(regrouped);
    if (!other || !makes_sense(*other)) return std::nullopt;
    return regrouped.block_size();
}

}  // namespace bootwire::disk
