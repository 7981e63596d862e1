#include "devicetree/carry_over.h"

#include "devicetree/regions.h"
#include "devicetree/shipped.h"
#include "trees.h"

namespace bootwire::devicetree {
namespace {

constexpr std::string_view running_tree = R"(/dts-v1/;
/memreserve/ 0x0 0x1000;
/memreserve/ 0x8000 0x3000;
/ { #address-cells = <1>; #size-cells = <1>; model = "Raspberry Pi Test"; serial-number = "10000000abcdef01";
  aliases { ethernet0 = &eth; blconfig = &blconfig; };
  chosen { bootargs = "of this boot"; kaslr-seed = <1 2>; stdout-path = "serial0"; linux,initrd-start = <1>;
    bootloader { version = <7>; }; framebuffer@3e000000 { reg = <0x3e000000 0x1000>; }; };
  memory@0 { device_type = "memory"; reg = <0 0x3b400000>; };
  memory@40000000 { device_type = "memory"; reg = <0x40000000 0x40000000>; };
  reserved-memory { #address-cells = <1>; #size-cells = <1>;
    blconfig: nvram@0 { reg = <0x3e000000 0x200>; status = "okay"; };
    firmware@1000 { reg = <0x1000 0x1000>; }; };
  system { linux,revision = <0xc03114>; linux,serial = <0x10000000 0xabcdef01>; };
  hat { product = "a hat"; };
  clocks { osc { clock-frequency = <54000000>; }; };
  soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0xc0000000 0 0x3c000000>;
    i2c@1000 { clock-frequency = <1>; };
    eth: ethernet@2000 { local-mac-address = [dc a6 32 01 02 03]; };
  };
};)";

TEST_F(Trees, get_what_firmware_has_written_into_the_one_in_use) {
    const Tree running = compiled(running_tree);
    Tree tree = compiled(disks_tree);
    const auto done = carry_over(running, std::nullopt, tree);
    ASSERT_TRUE(done) << done.error().to_string();
    const auto same = [&](const char* path, const char* name) {
        EXPECT_EQ(tree.property(path, name), running.property(path, name)) << path << " " << name;
        EXPECT_TRUE(tree.property(path, name)) << path << " " << name;
    };
    same("/", "model");
    same("/", "serial-number");
    same("/memory@0", "reg");
    same("/memory@40000000", "reg");
    same("/system", "linux,revision");
    same("/hat", "product");
    same("/soc", "dma-ranges");
    same("/clocks/osc", "clock-frequency");
    same("/reserved-memory/nvram@0", "reg");
    same("/reserved-memory/nvram@0", "status");
    same("/reserved-memory/firmware@1000", "reg");
    same("/chosen/bootloader", "version");
    same("/chosen/framebuffer@3e000000", "reg");
    EXPECT_EQ(tree.property("/soc/other-ethernet@2000", "local-mac-address"),
              running.property("/soc/ethernet@2000", "local-mac-address"));
    EXPECT_EQ(tree.reservations(),
              (std::vector<std::pair<uint64_t, uint64_t>>{{0, 0x1000}, {0x8000, 0x3000}}));
    // What is the disk's, or of this boot alone.
    EXPECT_EQ(tree.property("/", "compatible"), text("test,board"));
    EXPECT_EQ(tree.property("/chosen", "bootargs"), text("as compiled"));
    EXPECT_EQ(tree.property("/chosen", "stdout-path"), text("serial9"));
    EXPECT_FALSE(tree.property("/chosen", "kaslr-seed"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(100000));
    EXPECT_TRUE(tree.has("/reserved-memory/cma"));
    EXPECT_FALSE(tree.has("/soc/ethernet@2000"));
}

/// Numbers by which nodes know each other are other ones in the disk's tree.
TEST_F(Trees, keep_their_own_numbers_of_nodes) {
    Tree running = compiled(running_tree);
    Tree tree = compiled(disks_tree);
    const std::vector<std::string> copied{
        "/memory@0",
        "/memory@40000000",
        "/reserved-memory/firmware@1000",
        "/system",
        "/hat",
        "/chosen/bootloader",
        "/chosen",
        "/soc/i2c@1000",
        "/reserved-memory/nvram@0",
    };
    for (uint32_t number = 1; const std::string& path : copied) {
        for (const char* const name : {"phandle", "linux,phandle"})
            ASSERT_TRUE(running.set(path, name, cell(number)));
        ++number;
    }
    const auto numbers = [](const Tree& in) {
        std::vector<std::string> paths;
        for (uint32_t number = 1; number < 20; ++number)
            paths.push_back(in.with_phandle(number));
        return paths;
    };
    const auto before = numbers(tree);
    ASSERT_TRUE(carry_over(running, std::nullopt, tree));
    EXPECT_EQ(numbers(tree), before);
    for (const std::string& path : copied) {
        ASSERT_TRUE(tree.has(path)) << path;
        EXPECT_FALSE(tree.property(path, "linux,phandle")) << path;
    }
    source_of(tree);  // dtc finds no number twice
}

TEST_F(Trees, keep_their_dma_ranges_where_numbers_have_another_size) {
    const Tree running = compiled(running_tree);
    for (const size_t cells : {2u, 4u}) {
        Tree tree = compiled(disks_tree);
        const std::string ranges(4 * cells, '\0');
        ASSERT_TRUE(tree.set("/soc", "dma-ranges", ranges));
        ASSERT_TRUE(carry_over(running, std::nullopt, tree));
        EXPECT_EQ(tree.property("/soc", "dma-ranges"), ranges) << cells;
    }
}

// A Pi 5 whose tree has sizes of two cells, as Linux's have, and a disk's with one, as Raspberry Pi
// OS's had up to Linux 6.12.
constexpr std::string_view wide_tree = R"(/dts-v1/;
/ { #address-cells = <2>; #size-cells = <2>;
  aliases { blconfig = &blconfig; };
  memory@0 { device_type = "memory"; reg = <0 0 0 0x3fc00000>, <0 0x40000000 1 0xc0000000>; };
  reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;
    blconfig: nvram@0 { reg = <0 0x3fd16300 0 0x38>; status = "okay"; };
    firmware@1000 { reg = <0 0x1000 0 0x2000>; }; };
};)";
constexpr std::string_view narrow_tree = R"(/dts-v1/;
/ { #address-cells = <2>; #size-cells = <1>;
  aliases { blconfig = &blconfig; };
  memory@0 { device_type = "memory"; reg = <0 0 0>; };
  reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges;
    blconfig: nvram@0 { reg = <0 0 0>; status = "disabled"; }; };
};)";

std::string cells(std::initializer_list<uint32_t> numbers) {
    std::string value;
    for (const uint32_t number : numbers)
        value += cell(number);
    return value;
}

TEST_F(Trees, count_places_in_memory_in_their_own_cells) {
    const Tree wide = compiled(wide_tree);
    Tree narrow = compiled(narrow_tree);
    ASSERT_TRUE(carry_over(wide, std::nullopt, narrow));
    EXPECT_EQ(narrow.property("/memory@0", "reg"),
              cells({0, 0, 0x3fc00000, 0, 0x40000000, 0x80000000, 0, 0xc0000000, 0x80000000, 1,
                     0x40000000, 0xc0000000}));
    EXPECT_EQ(narrow.property("/reserved-memory/nvram@0", "reg"), cells({0, 0x3fd16300, 0x38}));
    EXPECT_EQ(narrow.property("/reserved-memory/nvram@0", "status"), text("okay"));
    EXPECT_EQ(narrow.property("/reserved-memory/firmware@1000", "reg"), cells({0, 0x1000, 0x2000}));

    Tree again = compiled(wide_tree);
    ASSERT_TRUE(again.set("/reserved-memory/nvram@0", "reg", cells({0, 0, 0, 0})));
    again.remove_node("/reserved-memory/firmware@1000");
    ASSERT_TRUE(carry_over(narrow, std::nullopt, again));
    for (const char* const path : {"/reserved-memory/nvram@0", "/reserved-memory/firmware@1000"})
        EXPECT_EQ(again.property(path, "reg"), wide.property(path, "reg")) << path;
}

TEST_F(Trees, get_no_place_that_is_written_in_other_cells_than_its_tree_counts_in) {
    Tree running = compiled(wide_tree);
    Tree tree = compiled(narrow_tree);
    for (const char* const path : {"/reserved-memory/nvram@0", "/reserved-memory/firmware@1000"})
        ASSERT_TRUE(running.set(path, "reg", cells({0, 0x3fd16300, 0x38})));
    ASSERT_TRUE(carry_over(running, std::nullopt, tree));
    EXPECT_EQ(tree.property("/reserved-memory/nvram@0", "reg"), cells({0, 0, 0}));
    EXPECT_EQ(tree.property("/reserved-memory/nvram@0", "status"), text("disabled"));
    EXPECT_FALSE(tree.has("/reserved-memory/firmware@1000"));
}

TEST_F(Trees, are_of_no_use_where_the_boards_memory_cannot_be_told) {
    Tree running = compiled(wide_tree);
    Tree tree = compiled(narrow_tree);
    ASSERT_TRUE(running.set("/memory@0", "reg", cells({0, 0, 0x3fc00000})));
    EXPECT_FALSE(carry_over(running, std::nullopt, tree));
}

TEST(Regions, fit_into_other_cells_or_are_refused) {
    const RegionCells one{1, 1}, wide{2, 2};
    EXPECT_EQ(in_other_cells(cells({1, 2, 3, 4}), one, wide).value(),
              cells({0, 1, 0, 2, 0, 3, 0, 4}));
    EXPECT_EQ(in_other_cells(cells({0, 7, 0, 0}), wide, one).value(), cells({7, 0}));
    EXPECT_EQ(in_other_cells("", wide, one).value(), "");
    EXPECT_EQ(in_other_cells("odd", wide, wide).value(), "odd") << "nothing is to be changed";
    EXPECT_FALSE(in_other_cells(cells({1, 2, 3}), one, wide));
    EXPECT_FALSE(in_other_cells(cells({1, 0, 0, 1}), wide, one)) << "above 4 GiB";
    EXPECT_FALSE(in_other_cells(cells({0, 0, 0xffffffff, 0}), wide, {2, 1})) << "too many pieces";
    EXPECT_FALSE(in_other_cells(cells({1, 2}), {0, 1}, one));
    EXPECT_FALSE(in_other_cells(cells({1, 2, 3, 4}), {3, 1}, one));
}

TEST_F(Trees, have_no_reservation_twice) {
    const Tree running = compiled(running_tree);
    Tree tree = compiled(disks_tree);
    ASSERT_TRUE(tree.add_reservation(0, 0x1000));
    ASSERT_TRUE(tree.add_reservation(0, 0x2000));
    ASSERT_TRUE(carry_over(running, std::nullopt, tree));
    EXPECT_EQ(tree.reservations(), (std::vector<std::pair<uint64_t, uint64_t>>{
                                       {0, 0x1000}, {0, 0x2000}, {0x8000, 0x3000}}));
}

// A tree of ours, what firmware and our config.txt have made of it, and the disk's.
constexpr std::string_view shipped_tree_text = R"(/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; model = "Board"; compatible = "test,board";
  chosen { ours; };
  clocks { osc { clock-frequency = <54000000>; }; };
  cpus { cpu@0 { enable-method = "spin-table"; cpu-release-addr = <0 0xd8>; }; };
  soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0 0x1000>;
    gpio: gpio@1 { reg = <1 1>; phandle = <7>; };
    wifi@2 { reg = <2 1>; calibration = [00 00 00]; country = "00"; status = "okay"; pin = <&gpio>; };
    emmc@3 { reg = <3 1>; dma-ranges = <1 1 1>; voltage = <1000>; };
  };
};)";

constexpr std::string_view changed_tree_text = R"(/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; model = "Board Rev 1.4"; compatible = "test,board";
  chosen { ours; theirs; };
  clocks { osc { clock-frequency = <54000000>; }; };
  cpus { cpu@0 { enable-method = "spin-table"; cpu-release-addr = <0 0xe0>; }; };
  soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0 0x1000>;
    gpio: gpio@1 { reg = <1 1>; phandle = <7>; };
    other: gpio@9 { phandle = <8>; };
    wifi@2 { reg = <2 1>; calibration = [12 34 56]; country = "NZ"; status = "fail"; pin = <&other>; };
    emmc@3 { reg = <3 1>; dma-ranges = <2 2 2>; voltage = <3000>; };
  };
};)";

constexpr std::string_view vendors_tree_text = R"(/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; model = "Board"; compatible = "test,board";
  clocks { osc { clock-frequency = <19200000>; }; };
  cpus { cpu@0 { enable-method = "psci"; cpu-release-addr = <0 0>; }; };
  soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0xc0000000 0 0x3c000000>;
    gpio: gpio@1 { reg = <1 1>; phandle = <7>; };
    wifi@2 { reg = <2 1>; calibration = [00 00 00]; country = "DE"; status = "okay"; pin = <&gpio>; };
    emmc@3 { reg = <3 1>; dma-ranges = <1 1 1>; voltage = <1800>; };
  };
};)";

TEST_F(Trees, get_only_what_is_different_from_the_tree_that_was_shipped) {
    const Tree shipped = compiled(shipped_tree_text);
    const Tree running = compiled(changed_tree_text);
    Tree tree = compiled(vendors_tree_text);
    const Tree vendors = tree;
    const auto done = carry_over(running, shipped, tree);
    ASSERT_TRUE(done) << done.error().to_string();
    const auto is_carried = [&](const char* path, const char* name) {
        EXPECT_TRUE(running.property(path, name)) << path << " " << name;
        EXPECT_EQ(tree.property(path, name), running.property(path, name)) << path << " " << name;
    };
    const auto stays = [&](const char* path, const char* name) {
        EXPECT_EQ(tree.property(path, name), vendors.property(path, name)) << path << " " << name;
    };
    is_carried("/", "model");
    is_carried("/chosen", "theirs");
    is_carried("/cpus/cpu@0", "cpu-release-addr");
    is_carried("/soc/emmc@3", "dma-ranges");
    is_carried("/soc/wifi@2", "calibration");  // in no list: as we shipped it in the disk's tree
    stays("/chosen", "ours");
    stays("/clocks/osc", "clock-frequency");  // in the list, and not the firmware's
    stays("/cpus/cpu@0", "enable-method");
    stays("/soc", "dma-ranges");
    stays("/soc/emmc@3", "voltage");  // both changed it
    stays("/soc/wifi@2", "country");
    stays("/soc/wifi@2", "status");  // of the same length: our config.txt's
    stays("/soc/wifi@2", "pin");     // names a node, which has another number there
}

TEST_F(Trees, keep_their_aliases_and_labels) {
    Tree shipped = compiled(shipped_tree_text);
    Tree running = compiled(changed_tree_text);
    Tree tree = compiled(vendors_tree_text);
    for (const char* const path : {"/aliases", "/__symbols__"}) {
        for (Tree* const same : {&shipped, &tree})
            ASSERT_TRUE(same->set(path, "it", text("/soc/gpio@1")));
        ASSERT_TRUE(running.set(path, "it", text("/soc/gpio@9")));
    }
    ASSERT_TRUE(carry_over(running, shipped, tree));
    for (const char* const path : {"/aliases", "/__symbols__"})
        EXPECT_EQ(tree.property(path, "it"), text("/soc/gpio@1")) << path;
}

TEST_F(Trees, are_found_among_those_that_were_shipped) {
    const Tree running = compiled(changed_tree_text);
    const std::string near = compiled(shipped_tree_text).pack();
    const std::string far =
        compiled(R"(/dts-v1/; / { compatible = "test,board"; soc { a; b; c; d; e;
        f; g; h; i; j; k; l; m; n; o; p; q; r; s; t; }; };)")
            .pack();
    const std::string other = compiled(R"(/dts-v1/; / { compatible = "test,other"; };)").pack();
    for (const std::string& trees : {near + far + other, far + other + near}) {
        const auto found = shipped_tree(trees, running);
        ASSERT_TRUE(found && *found);
        EXPECT_EQ((*found)->pack(), near);
    }
    const auto none = shipped_tree(other, running);
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    EXPECT_FALSE(shipped_tree(near.substr(0, near.size() - 1), running));
    EXPECT_FALSE(shipped_tree(other + "some more", running));
    EXPECT_FALSE(shipped_tree(std::string(8, '\0'), running));
}

TEST_F(Trees, are_the_nearest_by_the_properties_of_all_nodes_together) {
    const auto board = [&](const std::string& root, const std::string& one, const std::string& two,
                           const std::string& last) {
        return compiled("/dts-v1/; / { compatible = \"test,board\"; " + root + "one { " + one +
                        "inner { " + two + "}; }; last { " + last + "}; };")
            .pack();
    };
    const Tree running = *Tree::parse(board("a = <1>;", "b = <1>;", "c = <1>;", "d = <1>;"));
    const std::string nearest = board("a = <1>;", "b = <1>;", "c = <1>;", "d = <2>;");
    const auto is_nearer_than = [&](const std::string& other) {
        for (const std::string& trees : {nearest + other, other + nearest}) {
            const auto found = shipped_tree(trees, running);
            if (!found || !*found || (*found)->pack() != nearest) return false;
        }
        return true;
    };
    EXPECT_TRUE(is_nearer_than(board("a = <2>;", "b = <2>;", "c = <1>;", "d = <1>;")));
    EXPECT_TRUE(is_nearer_than(board("a = <2>;", "b = <1>;", "c = <2>;", "d = <1>;")));
    EXPECT_TRUE(is_nearer_than(board("a = <1>;", "b = <2>;", "c = <2>;", "d = <1>;")));
    EXPECT_TRUE(is_nearer_than(board("a = <1>; x = <1>;", "b = <1>; x;", "c = <1>;", "d = <1>;")))
        << "what the running one lacks";
}

TEST_F(Trees, that_are_equally_near_are_taken_in_the_order_in_which_they_were_shipped) {
    const auto board = [&](const std::string& model) {
        return compiled("/dts-v1/; / { compatible = \"test,board\"; model = \"" + model + "\"; };")
            .pack();
    };
    const Tree running = *Tree::parse(board("third"));
    for (const auto& [former, latter] : {std::pair{"first", "second"}, {"second", "first"}}) {
        const auto found = shipped_tree(board(former) + board(latter), running);
        ASSERT_TRUE(found && *found);
        EXPECT_EQ((*found)->property("/", "model"), text(former));
    }
}

}  // namespace
}  // namespace bootwire::devicetree
