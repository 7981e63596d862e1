// A volume of arbitrary bytes has some file system or none. The first byte is the number of the
// 1 KiB block from which the rest stands; the volume is 512 KiB.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "disk/file_system.h"

namespace {

using namespace bootwire;

class Volume : public storage::BlockSource {
  public:
    explicit Volume(std::vector<uint8_t>& bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    uint32_t block_size() const override { return 512; }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset) std::abort();
        std::copy_n(bytes_.data() + offset, into.size(), into.data());
        return {};
    }

  private:
    std::vector<uint8_t>& bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    static std::vector<uint8_t> bytes(512 * 1024);
    const size_t at = size_t{data[0]} * 1024;
    const size_t length = std::min(size - 1, bytes.size() - at);
    std::copy_n(data + 1, length, bytes.data() + at);
    const Volume volume(bytes);
    for (const uint64_t start : {uint64_t{0}, uint64_t{512}, uint64_t{bytes.size() - 600}}) {
        const auto found = disk::probe_file_system(volume, start, bytes.size() - start);
        if (found && *found && (*found)->type.empty()) std::abort();
    }
    std::fill_n(bytes.data() + at, length, uint8_t{0});
    return 0;
}
