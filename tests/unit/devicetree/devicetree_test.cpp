#include <fstream>
#include <map>

#include "devicetree/carry_over.h"
#include "devicetree/overlay.h"
#include "devicetree/overlay_map.h"
#include "devicetree/parameters.h"
#include "devicetree/shipped.h"
#include "images.h"
#include "kexec/carrier.h"

namespace bootwire::devicetree {
namespace {

constexpr std::string_view disks_tree = R"(/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; model = "as compiled"; compatible = "test,board";
  aliases { ethernet0 = &eth; blconfig = &blconfig; };
  chosen { bootargs = "as compiled"; stdout-path = "serial9"; };
  memory@0 { device_type = "memory"; reg = <0 0>; };
  reserved-memory { #address-cells = <1>; #size-cells = <1>;
    blconfig: nvram@0 { reg = <0 0>; status = "disabled"; };
    cma { size = <0x4000000>; }; };
  clocks { osc { clock-frequency = <1>; }; };
  soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0 0x1000>;
    i2c: i2c@1000 { reg = <0x1000 0x10>; status = "disabled"; clock-frequency = <100000>; };
    spi: spi@3000 { reg = <0x3000 0x10>; cs = /bits/ 16 <1 2>; };
    eth: other-ethernet@2000 { reg = <0x2000 0x10>; local-mac-address = [00 00 00 00 00 00]; };
  };
  __overrides__ {
    i2c = <&i2c>, "status";
    rate = <&i2c>, "clock-frequency:0";
    both = <&i2c>, "status", <&spi>, "status";
    second = <&spi>, "cs.2";
    flag = <&spi>, "a-flag?";
    noflag = <&spi>, "a-flag!";
    four = <&spi>, "width:0=4";
    called = <&spi>, "label";
    table = <&spi>, "label{a=alpha,b,='any other'}";
    narrow = <&spi>, "width:0{x4=4,x8=8}";
    open = <&spi>, "width:0{x4=4,}";
    mac = <&spi>, "address[";
    broken = <&spi>, "label{a=b";
    odd = <&spi>, "label{a=b}c";
  };
};)";

constexpr std::string_view running_tree = R"(/dts-v1/;
/memreserve/ 0x0 0x1000;
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

class Trees : public disk::Workshop {
  protected:
    Tree compiled(std::string_view source) {
        std::ofstream(path("tree.dts")) << source;
        const std::string said = run("dtc -q -@ -o tree.dtb tree.dts");
        EXPECT_TRUE(succeeded()) << said;
        std::ifstream file(path("tree.dtb"), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        auto tree = Tree::parse(bytes);
        EXPECT_TRUE(tree) << tree.error().to_string();
        return std::move(*tree);
    }
    std::string source_of(const Tree& tree) {
        std::ofstream(path("out.dtb"), std::ios::binary) << tree.pack();
        const std::string said = run("dtc -q -I dtb -O dts out.dtb");
        EXPECT_TRUE(succeeded()) << said;
        return said;
    }
};

std::string text(std::string_view value) {
    return std::string(value) + '\0';
}

TEST_F(Trees, take_parameters_as_they_declare_them) {
    Tree tree = compiled(disks_tree);
    const auto property = [&](const char* path, const char* name) {
        return tree.property(path, name).value_or("none");
    };
    for (const std::string parameter :
         {"both=on", "rate=400000", "second=0x1234", "flag", "four", "called=a name"})
        EXPECT_TRUE(set_parameter(tree, parameter)) << parameter;
    EXPECT_EQ(property("/soc/i2c@1000", "status"), text("okay"));
    EXPECT_EQ(property("/soc/spi@3000", "status"), text("okay"));
    EXPECT_EQ(property("/soc/i2c@1000", "clock-frequency"), cell(400000));
    EXPECT_EQ(property("/soc/spi@3000", "cs"), std::string("\0\1\x12\x34", 4));
    EXPECT_EQ(property("/soc/spi@3000", "a-flag"), "");
    EXPECT_EQ(property("/soc/spi@3000", "width"), cell(4));
    EXPECT_EQ(property("/soc/spi@3000", "label"), text("a name"));
    EXPECT_TRUE(set_parameter(tree, "i2c=off"));
    EXPECT_EQ(property("/soc/i2c@1000", "status"), text("disabled"));
    EXPECT_TRUE(set_parameter(tree, "noflag=on"));
    EXPECT_EQ(property("/soc/spi@3000", "a-flag"), "none");

    EXPECT_FALSE(set_parameter(tree, "unheard-of=1"));
    EXPECT_FALSE(set_parameter(tree, "rate=fast"));
    EXPECT_FALSE(set_parameter(tree, "broken=a"));
    EXPECT_FALSE(set_parameter(tree, "odd=a"));
}

TEST_F(Trees, look_values_up_in_the_tables_of_their_parameters) {
    Tree tree = compiled(disks_tree);
    const auto property = [&](const char* name) {
        return tree.property("/soc/spi@3000", name).value_or("none");
    };
    const std::map<std::string, std::string> labels = {
        {"table=a", "alpha"}, {"table=b", "b"}, {"table=c", "any other"}, {"table", "any other"}};
    for (const auto& [parameter, label] : labels) {
        EXPECT_TRUE(set_parameter(tree, parameter)) << parameter;
        EXPECT_EQ(property("label"), text(label)) << parameter;
    }
    EXPECT_TRUE(set_parameter(tree, "narrow=x8"));
    EXPECT_EQ(property("width"), cell(8));
    EXPECT_FALSE(set_parameter(tree, "narrow=16"));
    EXPECT_TRUE(set_parameter(tree, "open=16"));
    EXPECT_EQ(property("width"), cell(16));
    EXPECT_TRUE(set_parameter(tree, "mac=b8:27:eb:1:2:3"));
    EXPECT_EQ(property("address"), "\xb8\x27\xeb\x01\x02\x03");
    EXPECT_FALSE(set_parameter(tree, "mac=b8:277"));
}

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
    EXPECT_EQ(tree.property("/soc/i2c@1000/rtc@68", "reg"), cell(0x51));
    EXPECT_TRUE(tree.property("/", "second-one"));
    EXPECT_FALSE(tree.property("/", "third-one"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(5));
    source_of(tree);
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
    EXPECT_EQ(tree.reservations(), (std::vector<std::pair<uint64_t, uint64_t>>{{0, 0x1000}}));
    // What is the disk's, or of this boot alone.
    EXPECT_EQ(tree.property("/", "compatible"), text("test,board"));
    EXPECT_EQ(tree.property("/chosen", "bootargs"), text("as compiled"));
    EXPECT_EQ(tree.property("/chosen", "stdout-path"), text("serial9"));
    EXPECT_FALSE(tree.property("/chosen", "kaslr-seed"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(100000));
    EXPECT_TRUE(tree.has("/reserved-memory/cma"));
    EXPECT_FALSE(tree.has("/soc/ethernet@2000"));
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
    wifi@2 { reg = <2 1>; calibration = [12 34 56]; country = "NZ"; status = "disabled"; pin = <&other>; };
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
    stays("/soc/wifi@2", "status");  // our config.txt's
    stays("/soc/wifi@2", "pin");     // names a node, which has another number there
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
    const size_t numbers = 64 + 26 * 4;
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

TEST_F(Trees, of_an_old_format_are_refused) {
    std::string bytes = compiled(disks_tree).pack();
    ASSERT_TRUE(Tree::parse(bytes));
    bytes[23] = 15;  // "version"
    EXPECT_FALSE(Tree::parse(bytes));
}

TEST(Tree, that_is_none_is_refused) {
    EXPECT_FALSE(Tree::parse(""));
    EXPECT_FALSE(Tree::parse(std::string(100, 'x')));
    EXPECT_FALSE(Tree::parse(std::string((2 << 20) + 1, '\0')));
}

}  // namespace
}  // namespace bootwire::devicetree
