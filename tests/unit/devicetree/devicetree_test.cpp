#include <map>

#include "devicetree/overlay.h"
#include "devicetree/overlay_map.h"
#include "devicetree/parameters.h"
#include "kexec/carrier.h"
#include "trees.h"

namespace bootwire::devicetree {
namespace {

/// Where the i2c-rtc overlay and those of cameras are put on another bus than the usual one.
constexpr std::string_view movable_overlay = R"(/dts-v1/; /plugin/;
/ { where: fragment@0 { target = <&i2c>; __overlay__ { thing { }; }; };
    fragment@1 { target-path = "/"; __overlay__ {
        first: one { }; second: two { }; user: three { uses = <&first>, <&spi>; }; }; };
    __overrides__ {
        bus = <&where>, "target:0{i2c=", <&i2c>, "spi=", <&spi>, "}";
        spi = <&where>, "target:0=", <&spi>;
        other = <&user>, "uses:0=", <&second>;
        number = <&user>, "uses:4";
    }; };)";

TEST_F(Trees, are_merged_with_overlays_whose_parameters_lead_elsewhere) {
    const Tree before = compiled(disks_tree);
    const Tree overlay = compiled(movable_overlay);
    const auto merged = [&](const std::vector<std::string>& parameters) {
        Tree tree = before;
        Tree changed = overlay;
        for (const std::string& parameter : parameters)
            EXPECT_TRUE(set_parameter(changed, parameter)) << parameter;
        const auto done = tree.apply(std::move(changed));
        EXPECT_TRUE(done) << done.error().to_string();
        return tree;
    };
    const auto label = [](const Tree& tree, size_t offset) {
        const auto uses = tree.property("/three", "uses").value_or("");
        return tree.with_phandle(cell_at(uses, offset).value_or(0));
    };
    const Tree usual = merged({});
    EXPECT_TRUE(usual.has("/soc/i2c@1000/thing"));
    EXPECT_EQ(label(usual, 0), "/one");
    EXPECT_EQ(label(usual, 4), "/soc/spi@3000");
    for (const std::string parameter : {"bus=spi", "spi"}) {
        const Tree moved = merged({parameter});
        EXPECT_TRUE(moved.has("/soc/spi@3000/thing")) << parameter;
        EXPECT_FALSE(moved.has("/soc/i2c@1000/thing")) << parameter;
    }
    EXPECT_TRUE(merged({"spi", "bus=i2c"}).has("/soc/i2c@1000/thing")) << "the last one counts";
    EXPECT_EQ(label(merged({"other"}), 0), "/two");
    const Tree numbered = merged({"number=7"});
    EXPECT_EQ(cell_at(numbered.property("/three", "uses").value_or(""), 4), 7u);
    Tree refusing = overlay;
    EXPECT_FALSE(set_parameter(refusing, "bus=elsewhere"));
}

TEST_F(Trees, are_merged_with_overlays_that_name_their_target_by_its_path) {
    Tree tree = compiled(disks_tree);
    const auto done =
        tree.apply(compiled("/dts-v1/; /plugin/; / { fragment@0 { target = <&{/soc/i2c@1000}>; "
                            "__overlay__ { x; }; }; };"));
    EXPECT_TRUE(done) << done.error().to_string();
    EXPECT_TRUE(tree.property("/soc/i2c@1000", "x"));
}

TEST_F(Trees, say_which_label_an_overlay_misses) {
    const auto said = [&](std::string_view tree_text, std::string_view target) {
        Tree tree = compiled(tree_text);
        Tree overlay = compiled("/dts-v1/; /plugin/; / { fragment@0 { target = <&" +
                                std::string(target) + ">; __overlay__ { x; }; }; };");
        const auto done = tree.apply(std::move(overlay));
        EXPECT_FALSE(done);
        return done ? "" : done.error().what;
    };
    EXPECT_EQ(said(disks_tree, "nobody"), "the device tree does not have the label nobody");
    Tree tree = compiled(disks_tree);
    tree.remove_node("/__symbols__");
    EXPECT_EQ(said(source_of(tree), "nobody"),
              "the device tree has no labels, which overlays need");
    tree = compiled(disks_tree);
    ASSERT_TRUE(tree.set("/__symbols__", "gone", text("/soc/gone")));
    EXPECT_EQ(said(source_of(tree), "gone"), "the label gone of the device tree leads nowhere");
    EXPECT_EQ(said(disks_tree, "{/nowhere}"),
              "the label /nowhere of the device tree leads nowhere");
    Tree overlay = compiled(movable_overlay);
    ASSERT_TRUE(overlay.set("/__fixups__", "i2c", text("/fragment@0:target:1")));
    const auto damaged = compiled(disks_tree).apply(overlay);
    ASSERT_FALSE(damaged);
    EXPECT_NE(damaged.error().what.find("it has no /fragment@0:target:1"), std::string::npos);
}

class Files : public bootfiles::Folder {
  public:
    std::map<std::string, std::string> files;

    bool exists(const std::string& path) const override { return files.contains(path); }
    Result<std::string> read(const std::string& path, size_t) const override {
        const auto found = files.find(path);
        if (found == files.end()) return fail("there is no " + path);
        return found->second;
    }
    std::vector<std::string> list(const std::string&) const override { return {}; }
};

TEST_F(Trees, are_merged_with_overlays_and_their_parameters) {
    Tree tree = compiled(disks_tree);
    Files folder;
    folder.files["rtc.dtbo"] = compiled(R"(/dts-v1/; /plugin/;
        / { fragment@0 { target = <&i2c>; __overlay__ { status = "okay"; clk: rtc@68 { reg = <0x68>; }; }; };
            fragment@1 { target-path = "/"; __dormant__ { second-one; }; };
            fragment@2 { target-path = "/"; __overlay__ { third-one; }; };
            __overrides__ { addr = <&clk>, "reg:0"; extra = <0>, "+1-2"; }; };)")
                                   .pack();
    folder.files["stranger.dtbo"] =
        compiled(
            R"(/dts-v1/; /plugin/; / { fragment@0 { target = <&nobody>; __overlay__ { x; }; }; };)")
            .pack();
    folder.files["broken.dtbo"] = "no tree at all";
    const auto notes = apply_changes(tree,
                                     {{"rtc.dtbo", {"addr=0x51", "extra", "what=1"}},
                                      {"stranger.dtbo", {}},
                                      {"broken.dtbo", {}},
                                      {"missing.dtbo", {}},
                                      {"", {"rate=5"}}},
                                     folder);
    ASSERT_TRUE(notes);
    ASSERT_EQ(notes->size(), 4u);  // what=1, stranger, broken, missing
    EXPECT_NE((*notes)[0].find("what"), std::string::npos);
    EXPECT_NE((*notes)[1].find("stranger.dtbo"), std::string::npos);
    EXPECT_EQ(tree.property("/soc/i2c@1000/rtc@51", "reg"), cell(0x51));
    EXPECT_TRUE(tree.property("/", "second-one"));
    EXPECT_FALSE(tree.property("/", "third-one"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(5));
    source_of(tree);
}

/// As with "dtoverlay=vc4-kms-v3d" and "dtparam=i2c_arm=on" on the next line.
TEST_F(Trees, take_the_parameters_that_an_overlay_before_them_does_not_have) {
    Files folder;
    folder.files["screen.dtbo"] = compiled(R"(/dts-v1/; /plugin/;
        / { fragment@0 { target = <&i2c>; __overlay__ {
              clock-frequency = <9>; mine: screen { label = "usual"; }; }; };
            __overrides__ { called = <&mine>, "label"; }; };)")
                                      .pack();
    folder.files["stranger.dtbo"] =
        compiled(
            R"(/dts-v1/; /plugin/; / { fragment@0 { target = <&nobody>; __overlay__ { x; }; }; };)")
            .pack();
    const std::vector<std::string> parameters{"i2c=on", "rate=5", "called=me", "what"};
    const auto changed = [&](const std::string& overlay, size_t expected_notes) {
        Tree tree = compiled(disks_tree);
        const auto notes = apply_changes(tree, {{overlay, parameters}}, folder);
        EXPECT_TRUE(notes && notes->size() == expected_notes) << overlay;
        EXPECT_EQ(tree.property("/soc/i2c@1000", "status"), text("okay")) << overlay;
        return tree;
    };
    const Tree fitting = changed("screen.dtbo", 1);  // what
    EXPECT_EQ(fitting.property("/soc/i2c@1000/screen", "label"), text("me")) << "both have it";
    EXPECT_FALSE(fitting.property("/soc/spi@3000", "label"));
    EXPECT_EQ(fitting.property("/soc/i2c@1000", "clock-frequency"), cell(9)) << "merged last";
    const std::vector without{changed("stranger.dtbo", 2), changed("missing.dtbo", 1)};
    for (const Tree& tree : without) {
        EXPECT_EQ(tree.property("/soc/spi@3000", "label"), text("me"));
        EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(5));
    }
}

TEST_F(Trees, are_merged_with_the_overlay_that_the_map_names_for_the_chip) {
    const Tree map = compiled(R"(/dts-v1/; /
        { display { bcm2835; bcm2711 = "display-pi4"; bcm2712 = "display-pi5"; };
          screen { renamed = "display"; }; old { deprecated = "use display"; };
          only-pi5 { bcm2712; }; a { renamed = "b"; }; b { renamed = "a"; }; };)");
    EXPECT_EQ(*overlay_on_chip(map, "display", "bcm2835"), "display");
    EXPECT_EQ(*overlay_on_chip(map, "display", "bcm2711"), "display-pi4");
    EXPECT_EQ(*overlay_on_chip(map, "screen", "bcm2712"), "display-pi5");
    EXPECT_EQ(*overlay_on_chip(map, "unlisted", "bcm2711"), "unlisted");
    EXPECT_EQ(*overlay_on_chip(map, "only-pi5", "bcm2712"), "only-pi5");
    EXPECT_FALSE(overlay_on_chip(map, "only-pi5", "bcm2711"));
    EXPECT_FALSE(overlay_on_chip(map, "a", "bcm2711"));
    const auto old = overlay_on_chip(map, "old", "bcm2711");
    ASSERT_FALSE(old);
    EXPECT_NE(old.error().what.find("use display"), std::string::npos);

    const auto overlay = [&](const std::string& mark) {
        return compiled("/dts-v1/; /plugin/; / { fragment@0 { target-path = \"/\"; __overlay__ { " +
                        mark + "; }; }; };")
            .pack();
    };
    Files folder;
    folder.files["overlays/overlay_map.dtb"] = map.pack();
    folder.files["overlays/display.dtbo"] = overlay("old-display");
    folder.files["overlays/display-pi4.dtbo"] = overlay("pi4-display");
    Tree tree =
        compiled(R"(/dts-v1/; / { compatible = "raspberrypi,4-model-b", "brcm,bcm2711"; };)");
    const auto notes = apply_changes(
        tree, {{"overlays/display.dtbo", {}}, {"overlays/only-pi5.dtbo", {}}}, folder);
    ASSERT_TRUE(notes);
    ASSERT_EQ(notes->size(), 1u);
    EXPECT_NE(notes->front().find("not for this board"), std::string::npos);
    EXPECT_TRUE(tree.property("/", "pi4-display"));
    EXPECT_FALSE(tree.property("/", "old-display"));
}

TEST_F(Trees, are_merged_with_overlays_that_config_txt_calls_by_their_old_names) {
    Files folder;
    folder.files["kernel8.img"] = "x";
    folder.files["config.txt"] =
        "dtoverlay=pi3-disable-bt,called=mine\ndtoverlay=two-uarts,called=new\ndtoverlay=typo\n"
        "dtoverlay=lost\n";
    folder.files["overlays/overlay_map.dtb"] = compiled(R"(/dts-v1/; / {
        pi3-disable-bt { renamed = "disable-bt"; }; lost { renamed = "nowhere"; };
        two-uarts { renamed = "uarts,called=old,count=2"; }; };)")
                                                   .pack();
    const auto overlay = [&](const std::string& node) {
        return compiled(
                   "/dts-v1/; /plugin/; / { fragment@0 { target-path = \"/\"; __overlay__ { it: " +
                   node + R"( { }; }; }; __overrides__ {
                        called = <&it>, "label"; count = <&it>, "count:0"; }; };)")
            .pack();
    };
    folder.files["overlays/disable-bt.dtbo"] = overlay("bluetooth");
    folder.files["overlays/uarts.dtbo"] = overlay("uarts");
    const auto files = bootfiles::find_boot_files(folder, {0xc03114, "", 1});
    ASSERT_TRUE(files) << files.error().what;
    Tree tree = compiled(disks_tree);
    const auto notes = apply_changes(tree, files->tree_changes, folder);
    ASSERT_TRUE(notes);
    EXPECT_EQ(tree.property("/bluetooth", "label"), text("mine"));
    EXPECT_EQ(tree.property("/uarts", "count"), cell(2)) << "the map's parameter";
    EXPECT_EQ(tree.property("/uarts", "label"), text("new")) << "config.txt's count more";
    ASSERT_EQ(notes->size(), 2u);
    EXPECT_EQ(notes->front(), "overlay overlays/typo.dtbo: it is not on the boot partition");
    EXPECT_NE(notes->back().find("nowhere.dtbo is not on the boot"), std::string::npos);
}

uint64_t number_at(std::string_view bytes, size_t at) {
    uint64_t value = 0;
    for (size_t i = 8; i-- > 0;)
        value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
    return value;
}

TEST_F(Trees, are_carried_beside_kernel_and_initramfs) {
    kexec::KernelImage kernel;
    kernel.bytes.assign(5'000'000, 'k');
    kernel.bytes.replace(24, 8, std::string("\x0a\0\0\0\0\0\0\0", 8));
    kernel.header = {0x80000, 9'000'000, 4096};
    const auto carrier = kexec::make_carrier(kernel, 1'000'001, compiled(disks_tree),
                                             "root=/dev/sda2", std::string(72, 'r'));
    ASSERT_TRUE(carrier) << carrier.error().to_string();
    EXPECT_EQ(carrier->kernel_offset % (2 << 20), 0x80000u);
    EXPECT_GE(carrier->initramfs_offset, carrier->kernel_offset + 9'000'000);
    EXPECT_GE(carrier->tree_offset, carrier->initramfs_offset + 1'000'001);
    EXPECT_GE(carrier->size, carrier->tree_offset + carrier->tree.size());
    EXPECT_EQ(number_at(carrier->head, 16), carrier->size);
    EXPECT_EQ(number_at(carrier->head, 24), 0x0au);
    EXPECT_EQ(carrier->head.substr(56, 4), "ARM\x64");
    const size_t numbers = 64 + 34 * 4;
    EXPECT_EQ(number_at(carrier->head, numbers), carrier->kernel_offset);
    EXPECT_EQ(number_at(carrier->head, numbers + 8), carrier->tree_offset);
    EXPECT_EQ(number_at(carrier->head, numbers + 16), carrier->initramfs_offset);
    EXPECT_EQ(number_at(carrier->head, numbers + 24), 1'000'001u);

    // The instructions write into the tree there, and nowhere else.
    std::string patched = carrier->tree;
    patched.replace(number_at(carrier->head, numbers + 32) - carrier->tree_offset, 8, "startsat");
    patched.replace(number_at(carrier->head, numbers + 40) - carrier->tree_offset, 8, "ends.at.");
    const auto tree = Tree::parse(patched);
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->property("/chosen", "linux,initrd-start"), "startsat");
    EXPECT_EQ(tree->property("/chosen", "linux,initrd-end"), "ends.at.");
    EXPECT_EQ(tree->property("/chosen", "bootargs"), text("root=/dev/sda2"));
    EXPECT_EQ(tree->property("/chosen", "kaslr-seed"), std::string(8, 'r'));
}

TEST_F(Trees, are_carried_by_nothing_that_could_not_start) {
    kexec::KernelImage kernel;
    kernel.bytes.assign(100, 'k');
    kernel.header = {0x80000, 9'000'000, 4096};
    const auto carried = [&](size_t initramfs_size, std::string_view command_line) {
        return kexec::make_carrier(kernel, initramfs_size, compiled(disks_tree), command_line, "")
            .has_value();
    };
    EXPECT_TRUE(carried(1'000'001, "quiet"));
    EXPECT_FALSE(carried(SIZE_MAX, "quiet"));
    EXPECT_FALSE(carried(SIZE_MAX - (4 << 20), "quiet"));
    EXPECT_FALSE(carried(1, std::string_view("quiet\0init=/bin/sh", 18)));
    for (const uint64_t text_offset : {uint64_t{1}, uint64_t{0x80004}, uint64_t{2 << 20}}) {
        kernel.header.text_offset = text_offset;
        EXPECT_FALSE(carried(1, "quiet")) << text_offset;
    }
}

TEST_F(Trees, of_an_old_format_are_refused) {
    std::string bytes = compiled(disks_tree).pack();
    ASSERT_TRUE(Tree::parse(bytes));
    bytes[23] = 15;  // "version"
    EXPECT_FALSE(Tree::parse(bytes));
}

TEST_F(Trees, nested_deeper_than_any_board_needs_are_refused) {
    const auto nested = [&](int depth) {
        std::string source = "/dts-v1/; / { ";
        for (int i = 0; i < depth; ++i)
            source += "a { ";
        for (int i = 0; i < depth; ++i)
            source += "}; ";
        return compiled_bytes(source + "};");
    };
    EXPECT_TRUE(Tree::parse(nested(32)));
    EXPECT_FALSE(Tree::parse(nested(33)));
    const auto overlay = [&](const std::string& target) {
        return compiled("/dts-v1/; /plugin/; / { fragment@0 { target-path = \"" + target +
                        "\"; __overlay__ { x { y { }; }; }; }; };");
    };
    std::string path;
    for (int i = 0; i < 31; ++i)
        path += "/a";
    auto tree = Tree::parse(nested(32));
    ASSERT_TRUE(tree);
    EXPECT_TRUE(tree->apply(overlay(path.substr(2))));
    EXPECT_FALSE(tree->apply(overlay(path)));
}

TEST(Tree, that_is_none_is_refused) {
    EXPECT_FALSE(Tree::parse(""));
    EXPECT_FALSE(Tree::parse(std::string(100, 'x')));
    EXPECT_FALSE(Tree::parse(std::string((2 << 20) + 1, '\0')));
}

}  // namespace
}  // namespace bootwire::devicetree
