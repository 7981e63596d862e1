// What a kernel is carried in: its places, its seeds, and what is refused.
#include "kexec/carrier.h"

#include "trees.h"

namespace bootwire::devicetree {
namespace {

using kexec::KernelImage;
using kexec::make_carrier;

constexpr uint64_t mib = 1 << 20;

KernelImage kernel(const kexec::ImageHeader& header = {0, 8 * mib, 4096}, size_t size = mib) {
    return {std::string(size, 'k'), header, ""};
}

class Carriers : public Trees {
  protected:
    void SetUp() override {
        Trees::SetUp();
        tree_ =
            compiled("/dts-v1/; / { chosen { linux,elfcorehdr = <1>; linux,initrd-end = <2>; }; };")
                .pack();
    }
    Tree tree() const { return *Tree::parse(tree_); }
    std::string refusal(const KernelImage& image) const {
        const auto carrier = make_carrier(image, 0, tree(), "", "");
        return carrier ? "none" : carrier.error().what;
    }
    /// What the carried tree has in /chosen.
    Properties chosen(size_t initramfs_size, std::string_view random) const {
        const auto carrier = make_carrier(kernel(), initramfs_size, tree(), "quiet", random);
        EXPECT_TRUE(carrier);
        return Tree::parse(carrier->tree)->values("/chosen");
    }

  private:
    std::string tree_;
};

TEST_F(Carriers, refuse_a_kernel_whose_header_makes_no_sense) {
    const std::string nonsense = "the kernel's header makes no sense";
    EXPECT_EQ(refusal(kernel({2 * mib - 4096, 8 * mib, 4096})), "none");
    EXPECT_EQ(refusal(kernel({2 * mib, 8 * mib, 4096})), nonsense) << "an offset within 2 MiB";
    EXPECT_EQ(refusal(kernel({0, 512 * mib, 4096})), "none");
    EXPECT_EQ(refusal(kernel({0, 512 * mib + 1, 4096})), nonsense);
    EXPECT_EQ(refusal(kernel({0, 8 * mib, 4096}, 64)), "none");
    EXPECT_EQ(refusal(kernel({0, 8 * mib, 4096}, 63)), nonsense);
}

TEST_F(Carriers, leave_a_kernel_as_much_room_as_its_file_has_and_it_asks_for) {
    for (const auto& [asked, size] : {std::pair{8 * mib, mib}, {mib, 8 * mib}}) {
        const auto carrier = make_carrier(kernel({0x80000, asked, 4096}, size), 5, tree(), "", "");
        ASSERT_TRUE(carrier);
        EXPECT_EQ(carrier->kernel_offset, 2 * mib + 0x80000);
        EXPECT_EQ(carrier->initramfs_offset, 10 * mib + 0x80000) << "a multiple of 64 KiB";
        EXPECT_EQ(carrier->tree_offset, 12 * mib) << "a multiple of 2 MiB";
        EXPECT_EQ(carrier->size, 12 * mib + 0x10000);
    }
    const auto carrier = make_carrier(kernel({0, 8 * mib + 1, 4096}), 5, tree(), "", "");
    EXPECT_EQ(carrier->initramfs_offset, 10 * mib + 0x10000);
}

TEST_F(Carriers, tell_of_an_initramfs_only_where_there_is_one) {
    const auto without = chosen(0, "");
    EXPECT_EQ(without, (Properties{{"bootargs", text("quiet")}}));
    const auto with = chosen(1, "");
    EXPECT_EQ(with.size(), 3u);
    EXPECT_EQ(with.at("linux,initrd-start").size(), 8u);
    EXPECT_EQ(with.at("linux,initrd-end").size(), 8u);
}

TEST_F(Carriers, give_random_numbers_to_the_kernels_place_first) {
    EXPECT_EQ(chosen(0, "1234567").size(), 1u) << "too few";
    const auto eight = chosen(0, "12345678");
    EXPECT_EQ(eight.at("kaslr-seed"), "12345678");
    EXPECT_FALSE(eight.contains("rng-seed"));
    const auto nine = chosen(0, "123456789");
    EXPECT_EQ(nine.at("kaslr-seed"), "12345678");
    EXPECT_EQ(nine.at("rng-seed"), "9");
}

}  // namespace
}  // namespace bootwire::devicetree
