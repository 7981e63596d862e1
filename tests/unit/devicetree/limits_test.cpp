// Trees that just are ones or just have room, and what is done to them otherwise.
#include <functional>

#include "devicetree/carry_over.h"
#include "devicetree/nodes.h"
#include "devicetree/overlay.h"
#include "devicetree/overlay_map.h"
#include "devicetree/parameters.h"
#include "devicetree/references.h"
#include "trees.h"

namespace bootwire::devicetree {
namespace {

TEST(Cells, are_four_bytes_big_endian) {
    EXPECT_EQ(cell(0x01020304), "\1\2\3\4");
    EXPECT_EQ(cell_at("\1\2\3\4", 0), 0x01020304u);
    EXPECT_EQ(cell_at("x\xff\2\3\4", 1), 0xff020304u);
    EXPECT_EQ(cell_at("x\1\2\3\4", 2), std::nullopt);
    EXPECT_EQ(cell_at("\1\2\3", 0), std::nullopt);
    EXPECT_EQ(cell_at("", 0), std::nullopt);
    EXPECT_EQ(cell_at("\1\2\3\4", 5), std::nullopt);
}

class TreeLimits : public Trees {
  protected:
    std::string small_bytes() { return compiled("/dts-v1/; / { a { b = <1 2>; c; }; };").pack(); }
    Tree small() { return *Tree::parse(small_bytes()); }
    /// The same tree, with room for about so many bytes.
    static Tree with_room(const Tree& tree, size_t bytes) {
        Tree full = *Tree::parse(tree.pack());
        size_t filler = 256 << 10;
        while (!full.set("/", "filler", std::string(filler, 'f')))
            filler -= 4;
        EXPECT_TRUE(full.set("/", "filler", std::string(filler - bytes, 'f')));
        return full;
    }
    /// Whatever room there is, the work says that it has failed, or has done all of it. Returns how
    /// often it has failed.
    size_t fails_or_does_all(const Tree& before, const std::string& name,
                             const std::function<Status(Tree&)>& work) {
        Tree roomy = before;
        EXPECT_TRUE(work(roomy)) << name;
        for (size_t failures = 0; failures < 1000; ++failures) {
            Tree tree = with_room(before, 4 * failures);
            if (!work(tree)) continue;
            tree.remove("/", "filler");
            EXPECT_EQ(source_of(tree), source_of(roomy)) << name << ", failures: " << failures;
            return failures;
        }
        ADD_FAILURE() << name << " fails for ever";
        return 0;
    }
};

TEST_F(TreeLimits, are_a_size_and_a_version) {
    const std::string bytes = small_bytes();
    std::string padded = bytes;
    padded.resize(2 << 20, '\0');
    EXPECT_TRUE(Tree::parse(padded));
    padded += '\0';
    EXPECT_EQ(Tree::parse(padded).error().what, "the device tree is larger than 2 MiB");
    for (const size_t size : {size_t{0}, size_t{39}, bytes.size() - 1})
        EXPECT_EQ(Tree::parse(bytes.substr(0, size)).error().what, "that is no device tree");
    std::string version = bytes;
    version[23] = 16;
    EXPECT_TRUE(Tree::parse(version));
    version[23] = 15;
    EXPECT_EQ(Tree::parse(version).error().what,
              "that is no device tree, or one of a format that no kernel for arm64 reads");
}

TEST_F(TreeLimits, have_no_nodes_and_properties_that_are_not_there) {
    Tree tree = small();
    EXPECT_TRUE(tree.has("/"));
    EXPECT_FALSE(tree.has("a"));
    EXPECT_FALSE(tree.has("/b"));
    EXPECT_EQ(tree.property("/b", "b"), std::nullopt);
    EXPECT_EQ(tree.property("/a", "a"), std::nullopt);
    EXPECT_EQ(tree.property("/a", "c"), "");
    EXPECT_TRUE(tree.values("/b").empty());
    EXPECT_EQ(tree.values("/a").size(), 2u);
    EXPECT_TRUE(tree.children("/b").empty());
    EXPECT_EQ(tree.children("/"), std::vector<std::string>{"/a"});
    EXPECT_EQ(tree.full_path("/"), "/");
    EXPECT_EQ(tree.full_path("/b"), "");
    EXPECT_EQ(tree.alias("a"), "");
    EXPECT_EQ(tree.with_phandle(1), "");
    EXPECT_EQ(tree.phandle("/a"), 0u);
    EXPECT_EQ(tree.largest_phandle(), 0u);
    EXPECT_EQ(tree.offset_when_packed("/b", "b"), std::nullopt);
    EXPECT_EQ(tree.offset_when_packed("/a", "a"), std::nullopt);
    EXPECT_EQ(cell_at(tree.pack(), tree.offset_when_packed("/a", "b").value_or(0)), 1u);
    ASSERT_TRUE(tree.set("/", "phandle", cell(3)));
    EXPECT_EQ(tree.phandle("/"), 3u);
    EXPECT_EQ(tree.with_phandle(3), "/");
    EXPECT_TRUE(tree.offset_when_packed("/", "phandle"));
    const std::string before = tree.pack();
    tree.remove("/b", "b");
    tree.remove("/a", "a");
    tree.remove_node("/b");
    tree.remove_node("/");
    EXPECT_EQ(tree.pack(), before) << "nor is the root taken away";
    tree.remove("/", "phandle");
    EXPECT_EQ(tree.phandle("/"), 0u);
}

TEST_F(TreeLimits, are_cells_that_lie_in_their_property) {
    Tree tree = small();
    EXPECT_TRUE(tree.replace_cell("/a", "b", 4, 9));
    EXPECT_EQ(tree.property("/a", "b"), cell(1) + cell(9));
    EXPECT_FALSE(tree.replace_cell("/a", "b", 5, 9));
    EXPECT_FALSE(tree.replace_cell("/a", "c", 0, 9));
    EXPECT_FALSE(tree.replace_cell("/a", "x", 0, 9));
    EXPECT_FALSE(tree.replace_cell("/b", "b", 0, 9));
    ASSERT_TRUE(tree.set("/", "four", cell(1)));
    EXPECT_TRUE(tree.replace_cell("/", "four", 0, 9));
    ASSERT_TRUE(tree.set("/", "three", "abc"));
    EXPECT_FALSE(tree.replace_cell("/", "three", 0, 9));
}

TEST_F(TreeLimits, are_32_nodes_inside_each_other_and_the_root) {
    Tree tree = small();
    std::string path;
    for (int i = 0; i < 32; ++i)
        path += "/n";
    EXPECT_TRUE(tree.add_node(path));
    EXPECT_TRUE(tree.has(path));
    EXPECT_EQ(tree.add_node(path + "/n").error().what,
              "the device tree cannot have a node " + path + "/n");
    EXPECT_FALSE(tree.set(path + "/n", "x", ""));
    EXPECT_FALSE(tree.add_node("n"));
    EXPECT_TRUE(tree.children(path).empty());
    EXPECT_EQ(tree.children(path.substr(2)).size(), 1u);
}

TEST_F(TreeLimits, are_names_of_nodes_of_64_letters) {
    Tree tree = small();
    const std::string longest(64, 'n');
    EXPECT_EQ(rename_node(tree, "/a", longest + "n").error().what,
              "\"" + longest.substr(0, 40) + "…\" is no name for a node");
    for (const char* name : {"", "a/b", "a b", "a~"})
        EXPECT_FALSE(rename_node(tree, "/a", name)) << name;
    EXPECT_FALSE(rename_node(tree, "/", "a"));
    EXPECT_TRUE(rename_node(tree, "/a", "a")) << "its own";
    EXPECT_TRUE(rename_node(tree, "/a", longest));
    EXPECT_TRUE(tree.has("/" + longest));
    EXPECT_TRUE(rename_node(tree, "/" + longest, "az,AZ.09_+-@1"));
}

TEST_F(TreeLimits, are_shown_by_an_error_of_a_parameter_or_everything_is_done) {
    const auto failures = [&](std::string_view source, const std::vector<std::string>& parameters) {
        const Tree tree = compiled(source);
        size_t count = 0;
        for (const std::string& parameter : parameters) {
            count += fails_or_does_all(tree, parameter,
                                       [&](Tree& full) { return set_parameter(full, parameter); });
        }
        return count;
    };
    const auto of_tree =
        failures(disks_tree, {"both=on", "second=2", "wide=3", "flag", "four", "called=a long name",
                              "mac=01:02:03", "at=0x2a00000", "fixed", "sound=x", "values",
                              "node-name=a-longer-name@2000"});
    EXPECT_GT(of_tree, 30u);
    const auto of_overlay = failures(R"(/dts-v1/; /plugin/;
        / { where: fragment@0 { target = <&i2c>; __overlay__ { thing { }; }; };
          fragment@1 { target-path = "/"; __overlay__ {
            first: one { }; second: two { }; user: three { uses = <&first>, <&spi>; }; }; };
          __overrides__ { spi = <&where>, "target:0=", <&spi>; other = <&user>, "uses:0=", <&second>;
            more = <&user>, "uses:8=", <&i2c>; own = <&user>, "uses:8=", <&second>;
            text = <&user>, "uses"; renamed = <&first>, "name"; gone = <&user>, "uses?"; }; };)",
                                     {"spi", "other", "more", "own", "text=a text that is longer",
                                      "renamed=a-longer-name", "gone"});
    EXPECT_GT(of_overlay, 10u);
}

TEST_F(TreeLimits, are_shown_by_an_error_or_everything_is_carried_over) {
    const Tree running = compiled(R"(/dts-v1/; /memreserve/ 0x0 0x1000; /memreserve/ 0x9 0x9;
      / { #address-cells = <1>; #size-cells = <1>; model = "A model with a longer name";
        serial-number = "10000000abcdef01"; compatible = "test,board";
        aliases { ethernet0 = &eth; blconfig = &blconfig; bluetooth = &eth; };
        chosen { rpi = "something"; bootloader { version = <7>; inner { x = <1>; }; }; };
        memory@0 { device_type = "memory"; reg = <0 0x3b400000 1 1>; };
        reserved-memory { #address-cells = <1>; #size-cells = <1>; cma { reg = <5 5>; };
          blconfig: nvram@5 { reg = <0x3e000000 0x200 1>; status = "okay, for once"; };
          firmware@1000 { reg = <0x1000 0x1000>; }; };
        system { linux,revision = <0xc03114>; linux,serial = <1 2>; };
        hat { product = "a hat"; };
        clocks { osc { clock-frequency = <1 2>; }; };
        soc { #address-cells = <1>; #size-cells = <1>;
          i2c@1000 { local-mac-address = "longer than before"; };
          eth: ethernet@2000 { local-mac-address = [dc a6 32 01 02 03 04 05 06]; };
        }; };)");
    Tree theirs = compiled(disks_tree);
    ASSERT_TRUE(theirs.set("/soc/i2c@1000", "local-mac-address", "short"));
    EXPECT_GT(
        fails_or_does_all(theirs, "carry_over",
                          [&](Tree& full) { return carry_over(running, std::nullopt, full); }),
        50u);
}

TEST_F(TreeLimits, are_parameters_of_numbers_switches_and_fragments) {
    Tree tree = compiled(disks_tree);
    const auto rate = [&](const std::string& value) {
        const auto done = set_parameter(tree, "rate=" + value);
        EXPECT_TRUE(done) << value;
        return cell_at(tree.property("/soc/i2c@1000", "clock-frequency").value_or(""), 0).value();
    };
    EXPECT_EQ(rate("-1"), 0xffffffffu);
    EXPECT_EQ(rate("-0x10"), 0xfffffff0u);
    EXPECT_EQ(rate("0X1f"), 0x1fu);
    for (const char* on : {"on", "y", "yes", "true", "1", "ON", ""})
        EXPECT_EQ(rate(on), 1u) << on;
    for (const char* off : {"off", "n", "no", "false", "0"})
        EXPECT_EQ(rate(off), 0u) << off;
    EXPECT_EQ(set_parameter(tree, "flag=perhaps").error().what,
              "the parameter flag: \"perhaps\" is neither on nor off");
    EXPECT_EQ(set_parameter(tree, "rate=x").error().what, "the parameter rate: \"x\" is no number");
    EXPECT_EQ(set_parameter(tree, "unknown").error().what,
              "the parameter unknown is not known there");
    EXPECT_TRUE(set_parameter(tree, "i2c=fail-sss"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "status"), text("fail-sss")) << "no switch";
    EXPECT_TRUE(set_parameter(tree, "mac=" + std::string(2 * 4096, '1')));
    EXPECT_FALSE(set_parameter(tree, "mac=" + std::string(2 * 4097, '1')));
    for (const char* switches : {"*1", "+", "+x", "+1,2", "+65536"}) {
        ASSERT_TRUE(tree.set("/__overrides__", "odd", cell(0) + text(switches)));
        EXPECT_EQ(set_parameter(tree, "odd").error().what,
                  "the parameter odd: it is declared in a way that is not understood")
            << switches;
    }
}

TEST_F(TreeLimits, are_what_is_carried_over_from_16_nodes_inside_each_other) {
    const auto nested = [&](const std::string& top, int depth) {
        std::string path = top;
        for (int i = 0; i < depth; ++i)
            path += "/n";
        return path;
    };
    Tree running = small();
    Tree theirs = small();
    ASSERT_TRUE(running.set(nested("/system", 17), "x", "1"));
    ASSERT_TRUE(carry_over(running, std::nullopt, theirs));
    EXPECT_TRUE(theirs.has(nested("/system", 16)));
    EXPECT_FALSE(theirs.has(nested("/system", 17)));
    for (const int depth : {16, 17}) {
        ASSERT_TRUE(running.set(nested("", depth), "linux,serial", "1"));
        ASSERT_TRUE(theirs.set(nested("", depth), "linux,serial", "2"));
        ASSERT_TRUE(carry_over(running, std::nullopt, theirs));
        EXPECT_EQ(theirs.property(nested("", depth), "linux,serial"), depth == 16 ? "1" : "2");
    }
}

TEST_F(TreeLimits, are_eight_looks_into_an_overlay_map) {
    Tree map = small();
    for (int i = 1; i <= 8; ++i)
        ASSERT_TRUE(
            map.set("/o" + std::to_string(i), "renamed", text("o" + std::to_string(i + 1))));
    EXPECT_EQ(overlay_on_chip(map, "o2", "bcm2711").value_or("none"), "o9");
    EXPECT_EQ(overlay_on_chip(map, "o1", "bcm2711").error().what,
              "the overlay map renames it in circles");
    EXPECT_EQ(overlay_on_chip(map, "a/b", "bcm2711").value_or("none"), "a/b");
    for (const auto& [compatible, chip] : {std::pair{"brcm,bcm2712", "bcm2712"},
                                           {"brcm,bcm2711", "bcm2711"},
                                           {"brcm,bcm2837", "bcm2835"}}) {
        ASSERT_TRUE(map.set("/", "compatible", text("raspberrypi,x") + text(compatible)));
        EXPECT_EQ(chip_of(map), chip);
    }
}

TEST_F(TreeLimits, are_labels_whose_places_are_in_the_overlay) {
    const Tree tree = compiled(disks_tree);
    const auto wrong = [&](const std::string& place) {
        Tree overlay = compiled(
            "/dts-v1/; /plugin/; / { fragment@0 { target = <&i2c>; __overlay__ { x; }; }; };");
        EXPECT_TRUE(overlay.set("/__fixups__", "i2c", text("/fragment@0:target:0") + text(place)));
        const auto done = Tree(tree).apply(std::move(overlay));
        return done ? "" : done.error().what;
    };
    EXPECT_EQ(wrong("/fragment@0:target:0"), "");
    EXPECT_EQ(wrong(""), "");
    for (const char* place :
         {"x", ":0", "/fragment@0:0", ":target:0", "/fragment@0:target:", "/fragment@0:target:x",
          "/fragment@0:target:1", "/fragment@0::0", "/fragment@9:target:0"}) {
        EXPECT_EQ(wrong(place),
                  "the overlay is damaged: it has no " + std::string(place) + " for the label i2c")
            << place;
    }
}

TEST_F(TreeLimits, are_targets_that_there_are) {
    const auto wrong = [&](const std::string& target) {
        Tree tree = compiled(disks_tree);
        const auto done = tree.apply(compiled("/dts-v1/; /plugin/; / { fragment@0 { " + target +
                                              " __overlay__ { x = <1>; }; }; };"));
        return done ? "" : done.error().what;
    };
    EXPECT_EQ(wrong("target-path = \"ethernet0\";"), "");
    EXPECT_EQ(wrong("target = <0>; target-path = \"/soc\";"), "");
    EXPECT_EQ(wrong("target = <0x7777>;"),
              "the overlay's fragment@0 is for a node that the device tree does not have");
    EXPECT_EQ(wrong("target-path = \"nobody\";"),
              "the overlay's fragment@0 is for nobody, which the device tree does not have");
    EXPECT_EQ(wrong(""), "the overlay's fragment@0 says not for which node it is");
    for (const std::string circle : {"target = <&a>; a:", "target = <&b>;"}) {
        const auto done = compiled(disks_tree)
                              .apply(compiled("/dts-v1/; /plugin/; / { fragment@0 { " + circle +
                                              " __overlay__ { b: x { y; }; }; }; };"));
        ASSERT_FALSE(done) << circle;
        EXPECT_EQ(done.error().what,
                  "the overlay's fragment@0 is for what it is a part of, or the other way round");
    }
    EXPECT_NE(wrong("target-path = \"/nobody\";").find("the overlay does not fit"),
              std::string::npos);
}

}  // namespace
}  // namespace bootwire::devicetree
