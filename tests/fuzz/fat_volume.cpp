// A FAT volume of arbitrary bytes, as a help disk that came back from a computer: its label and a
// file are read to an end, and no more of it is believed than there is.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "fat/label.h"
#include "fat/volume.h"

namespace {

using namespace bootwire;

class Volume : public storage::BlockSource {
  public:
    explicit Volume(Bytes bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    uint32_t block_size() const override { return 512; }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (!has(offset, into.size())) std::abort();
        std::ranges::copy(bytes_.subspan(offset, into.size()), into.begin());
        return {};
    }

  private:
    Bytes bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t longest = 4096;
    const auto text = fat::read_root_file(text_of({data, size}), "bootwire.txt", longest);
    if (text && text->size() > longest) std::abort();
    if (!text && text.error().what.empty()) std::abort();

    const Volume volume({data, size});
    if (const auto geometry = fat::read_geometry({data, size})) {
        const auto label = fat::read_label(volume, *geometry);
        if (!label || label->size() > 11) std::abort();
    } else if (text) {
        std::abort();
    }
    return 0;
}
