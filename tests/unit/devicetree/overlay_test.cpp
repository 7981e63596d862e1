// Overlays as the vendor's firmware applies them, and how their parameters change them first.
#include <memory>

#include "devicetree/parameters.h"
#include "trees.h"

namespace bootwire::devicetree {
namespace {

constexpr std::string_view board = R"(/dts-v1/;
/ { aliases { second = &two; };
    memory { cma: cma { size = <1>; }; };
    bus: bus@1 { one: device@1 { label = "one"; }; two: device@2 { label = "two"; }; };
    user { uses = <&cma>, <&bus>, <&one>, <&two>; }; };)";

/// As a part of vc4-kms-v3d, which takes it from cma.
constexpr std::string_view labelled = R"(/dts-v1/; /plugin/;
/ { fragment@0 { target = <&cma>; frag0: __overlay__ { size = <2>; new: node { }; }; };
    fragment@1 { target = <&bus>; __overlay__ { uses = <&frag0>, <&two>, <&new>, <&frag0>; }; };
    __overrides__ { size = <&frag0>, "size:0"; }; };)";

using Paths = std::vector<std::string>;

class Overlays : public Trees {
  protected:
    void SetUp() override {
        Trees::SetUp();
        tree = std::make_unique<Tree>(compiled(board));
    }
    void apply(std::string_view source, const std::vector<std::string>& parameters = {}) {
        Tree overlay = compiled(source);
        for (const std::string& parameter : parameters) {
            const auto set = set_parameter(overlay, parameter);
            EXPECT_TRUE(set) << set.error().to_string();
        }
        const auto done = tree->apply(std::move(overlay));
        ASSERT_TRUE(done) << done.error().to_string();
        source_of(*tree);  // dtc finds no number twice
    }
    /// Where the cells of a property lead to.
    Paths uses(const std::string& path, const std::string& name = "uses") {
        Paths paths;
        const std::string cells = tree->property(path, name).value_or("");
        for (size_t at = 0; const auto number = cell_at(cells, at); at += 4)
            paths.push_back(tree->with_phandle(*number));
        return paths;
    }

    void expect_unharmed() {
        EXPECT_EQ(uses("/user"),
                  (Paths{"/memory/cma", "/bus@1", "/bus@1/device@1", "/bus@1/device@2"}));
    }

    std::unique_ptr<Tree> tree;
};

/// As i2c-sensor's sensors with an interrupt, and vc4-kms-v3d with cma-default.
constexpr std::string_view switched = R"(/dts-v1/; /plugin/;
/ { fragment@0 { target = <&bus>; __dormant__ { a: sleeper { uses = <&one>, <&a>; }; }; };
    fragment@1 { target = <&bus>; __overlay__ { b: waker { uses = <&two>, <&b>; }; }; };
    __overrides__ { swap = <0>, "+0-1"; sleeps = <0>, "!0=1"; flag = <&b>, "flag?"; }; };)";

TEST_F(Overlays, may_have_references_in_fragments_that_a_parameter_switches) {
    apply(switched);
    EXPECT_FALSE(tree->has("/bus@1/sleeper"));
    EXPECT_EQ(uses("/bus@1/waker"), (Paths{"/bus@1/device@2", "/bus@1/waker"}));
    *tree = compiled(board);
    apply(switched, {"swap"});
    EXPECT_EQ(uses("/bus@1/sleeper"), (Paths{"/bus@1/device@1", "/bus@1/sleeper"}));
    EXPECT_FALSE(tree->has("/bus@1/waker"));
}

TEST_F(Overlays, have_fragments_that_any_value_but_off_switches_on) {
    for (const std::string value : {"0", "off", "no", "0x0"}) {
        apply(switched, {"sleeps=" + value});
        EXPECT_TRUE(tree->has("/bus@1/sleeper")) << value;
        EXPECT_FALSE(tree->has("/bus@1/waker")) << value;
        *tree = compiled(board);
    }
    for (const std::string value : {"7", "any", "on", "0x10"}) {
        apply(switched, {"sleeps=" + value, "flag=3"});
        EXPECT_TRUE(tree->property("/bus@1/waker", "flag")) << value;
        EXPECT_FALSE(tree->has("/bus@1/sleeper")) << value;
        *tree = compiled(board);
    }
}

/// Each of three references, to the overlay's own nodes and to the tree's.
constexpr std::string_view three_references = R"(/dts-v1/; /plugin/;
/ { fragment@0 { target-path = "/"; __overlay__ { a: a { }; b: b { };
      c: c { uses = <&a>, <&b>, <&c>; others = <&one>, <&two>, <&bus>; }; }; };
    __overrides__ { 0 = <&c>, "uses:0", <&c>, "others:0"; 4 = <&c>, "uses:4", <&c>, "others:4";
      8 = <&c>, "uses:8", <&c>, "others:8"; back = <&c>, "uses:8=", <&b>, <&c>, "others:8=", <&two>;
      text = <&c>, "uses", <&c>, "others"; }; };)";

TEST_F(Overlays, may_have_references_that_a_parameter_makes_numbers_beside_others_that_stay) {
    const Paths own{"/a", "/b", "/c"};
    const Paths others{"/bus@1/device@1", "/bus@1/device@2", "/bus@1"};
    for (size_t chosen = 0; chosen < 8; ++chosen) {
        std::vector<std::string> parameters;
        for (size_t i = 0; i < 3; ++i)
            if ((chosen >> i & 1) != 0) parameters.push_back(std::to_string(4 * i) + "=1");
        *tree = compiled(board);
        apply(three_references, parameters);
        for (const auto& [name, paths] : {std::pair{"uses", own}, {"others", others}}) {
            const Paths lead = uses("/c", name);
            ASSERT_EQ(lead.size(), 3u);
            const std::string cells = *tree->property("/c", name);
            for (size_t i = 0; i < 3; ++i) {
                if ((chosen >> i & 1) != 0) {
                    EXPECT_EQ(cell_at(cells, 4 * i), 1u) << name << " of " << chosen;
                } else {
                    EXPECT_EQ(lead[i], paths[i]) << name << " of " << chosen;
                }
            }
        }
    }
}

TEST_F(Overlays, may_have_numbers_that_a_parameter_makes_references_again) {
    apply(three_references, {"0=1", "4=1", "8=1", "back"});
    EXPECT_EQ(cell_at(*tree->property("/c", "uses"), 4), 1u);
    EXPECT_EQ(uses("/c")[2], "/b");
    EXPECT_EQ(uses("/c", "others")[2], "/bus@1/device@2");
}

TEST_F(Overlays, may_have_references_that_a_parameter_makes_texts) {
    apply(three_references, {"text=twelve long"});
    for (const char* const name : {"uses", "others"})
        EXPECT_EQ(tree->property("/c", name), text("twelve long"));
}

/// As i2c-rtc with i2c3, and other overlays for any bus.
TEST_F(Overlays, may_have_references_that_a_parameter_takes_away) {
    apply(R"(/dts-v1/; /plugin/;
    / { where: fragment@0 { target = <&bus>; __overlay__ {
          mine: node { uses = <&one>, <&mine>; also = <&two>; both = <&one>, <&mine>; }; }; };
        __overrides__ { second = <&where>, "target?=0", <&where>, "target-path=second";
          uses = <&mine>, "uses"; also = <&mine>, "also?"; both = <&mine>, "both["; }; };)",
          {"second", "uses=nothing", "also", "both=01:02"});
    EXPECT_EQ(tree->property("/bus@1/device@2/node", "uses"), text("nothing"));
    EXPECT_EQ(tree->property("/bus@1/device@2/node", "also"), "");
}

/// As i2c-sensor: each sensor for the bus of another fragment, a part for one of them before it.
constexpr std::string_view sensors = R"(/dts-v1/; /plugin/;
/ { fragment@0 { target = <&any>; __dormant__ { first: sensor@76 { reg = <0x76>; uses = <&one>; }; }; };
    fragment@1 { target = <&second>; __dormant__ { uses = <&two>, <&second>, <&any>; }; };
    fragment@2 { target = <&any>; __dormant__ { second: sensor@29 { reg = <0x29>; uses = <&first>; }; }; };
    where: fragment@3 { target = <&bus>; any: __overlay__ { enabled; }; };
    __overrides__ { first = <0>, "+0"; second = <0>, "+2"; pin = <0>, "+1"; off = <0>, "-3";
      addr = <&first>, "reg:0", <&second>, "reg:0";
      other = <&where>, "target?=0", <&where>, "target-path=second"; }; };)";

TEST_F(Overlays, may_patch_themselves_in_any_order) {
    apply(sensors, {"second", "pin"});
    EXPECT_FALSE(tree->has("/bus@1/sensor@76"));
    EXPECT_EQ(uses("/bus@1/sensor@29"), (Paths{"/bus@1/device@2", "/bus@1/sensor@29", "/bus@1"}))
        << "the later one's value, for references with and without label";
    EXPECT_TRUE(tree->property("/bus@1", "enabled"));
}

TEST_F(Overlays, may_patch_what_a_parameter_puts_elsewhere_or_switches_off) {
    apply(sensors, {"first", "pin", "other"});
    EXPECT_EQ(uses("/bus@1/device@2/sensor@76"), (Paths{"/bus@1/device@1"}));
    EXPECT_FALSE(tree->has("/bus@1/device@2/sensor@29")) << "its part alone";
    const std::string before = source_of(*tree);
    apply(sensors, {"first", "second", "pin", "off"});
    EXPECT_EQ(source_of(*tree), before);
}

TEST_F(Overlays, have_nodes_that_a_parameter_calls_by_another_address) {
    apply(sensors, {"addr=0x77", "first", "second"});
    EXPECT_EQ(tree->property("/bus@1/sensor@77", "reg"), cell(0x77));
    EXPECT_FALSE(tree->has("/bus@1/sensor@76"));
    apply(sensors, {"second", "pin", "addr=0x2a"});
    EXPECT_EQ(tree->property("/bus@1/sensor@2a", "reg"), cell(0x2a));
    EXPECT_EQ(uses("/bus@1/sensor@2a"), (Paths{"/bus@1/device@2", "/bus@1/sensor@2a", "/bus@1"}));
    EXPECT_FALSE(tree->has("/bus@1/sensor@29"));
    EXPECT_TRUE(tree->has("/bus@1/sensor@77")) << "both are there";
}

TEST_F(Overlays, that_patch_their_own_patch_are_refused) {
    for (const std::string_view circle :
         {"a: __overlay__ { x; };", "__overlay__ { a: x { y; }; };"}) {
        const auto done =
            tree->apply(compiled("/dts-v1/; /plugin/; / { fragment@0 { target = <&a>; " +
                                 std::string(circle) + " }; };"));
        EXPECT_FALSE(done) << circle;
    }
}

TEST_F(Overlays, with_a_label_leave_their_target_the_number_that_others_know_it_by) {
    apply(labelled);
    expect_unharmed();
    EXPECT_EQ(tree->property("/memory/cma", "size"), cell(2));
    EXPECT_EQ(uses("/bus@1"),
              (Paths{"/memory/cma", "/bus@1/device@2", "/memory/cma/node", "/memory/cma"}))
        << "references from another fragment";
}

TEST_F(Overlays, with_labels_may_follow_each_other) {
    apply(labelled);
    const uint32_t number = tree->phandle("/memory/cma");
    apply(labelled);
    expect_unharmed();
    EXPECT_EQ(tree->phandle("/memory/cma"), number);
    EXPECT_EQ(uses("/bus@1"),
              (Paths{"/memory/cma", "/bus@1/device@2", "/memory/cma/node", "/memory/cma"}));
}

TEST_F(Overlays, with_labels_below_their_target_leave_those_nodes_their_numbers) {
    apply(R"(/dts-v1/; /plugin/;
    / { fragment@0 { target-path = "/bus@1"; __overlay__ {
          mine: device@1 { label = "mine"; uses = <&mine>, <&yours>; };
          yours: device@3 { uses = <&mine>; }; }; }; };)");
    expect_unharmed();
    EXPECT_EQ(tree->property("/bus@1/device@1", "label"), text("mine"));
    EXPECT_EQ(uses("/bus@1/device@1"), (Paths{"/bus@1/device@1", "/bus@1/device@3"}));
    EXPECT_EQ(uses("/bus@1/device@3"), (Paths{"/bus@1/device@1"}));
}

TEST_F(Overlays, with_two_labels_for_one_node_give_it_one_number) {
    apply(R"(/dts-v1/; /plugin/;
    / { fragment@0 { target-path = "/"; first: __overlay__ { a: new { }; }; };
        fragment@1 { target-path = "/"; second: __overlay__ { b: new { }; }; };
        fragment@2 { target-path = "/new"; third: __overlay__ { x; }; };
        fragment@3 { target = <&bus>; __overlay__ {
          uses = <&first>, <&second>, <&third>, <&a>, <&b>; }; }; };)");
    expect_unharmed();
    EXPECT_EQ(uses("/bus@1"), (Paths{"/", "/", "/new", "/new", "/new"}));
}

/// As dtc made them before 2016.
TEST_F(Overlays, with_numbers_under_both_names_keep_neither) {
    Tree overlay = compiled(labelled);
    const std::string contents = "/fragment@0/__overlay__";
    ASSERT_TRUE(overlay.set(contents, "linux,phandle", cell(overlay.phandle(contents))));
    ASSERT_TRUE(tree->apply(overlay));
    expect_unharmed();
    EXPECT_FALSE(tree->property("/memory/cma", "linux,phandle"));
    EXPECT_EQ(uses("/bus@1").front(), "/memory/cma");
}

TEST_F(Overlays, may_refer_to_labels_of_others_before_them) {
    apply(R"(/dts-v1/; /plugin/;
    / { fragment@0 { target-path = "second"; __overlay__ { uses = <&shown>; }; };
        fragment@1 { target = <&one>; all: __overlay__ { shown: node { }; two: other { };
          hidden: third { }; }; };
        fragment@2 { target = <&shown>; __overlay__ { moved: node { }; }; };
        __exports__ { shown; moved; all; }; };)");
    EXPECT_EQ(tree->property("/__symbols__", "shown"), text("/bus@1/device@1/node"));
    EXPECT_EQ(tree->property("/__symbols__", "moved"), text("/bus@1/device@1/node/node"));
    EXPECT_EQ(tree->property("/__symbols__", "two"), text("/bus@1/device@2"))
        << "the tree's own, which is not replaced but by an exported one";
    apply(R"(/dts-v1/; /plugin/; / { fragment@0 { target = <&moved>; __overlay__ {
        uses = <&two>, <&shown>, <&all>, <&hidden>; }; }; __exports__ { two; };
        fragment@1 { target = <&one>; __overlay__ { two: other { }; }; }; };)");
    EXPECT_EQ(uses("/bus@1/device@1/node/node"),
              (Paths{"/bus@1/device@1/other", "/bus@1/device@1/node", "/bus@1/device@1",
                     "/bus@1/device@1/third"}));
    EXPECT_EQ(tree->property("/__symbols__", "two"), text("/bus@1/device@1/other"));
    EXPECT_EQ(uses("/bus@1/device@2"), (Paths{"/bus@1/device@1/node"}));
}

/// As vc4-kms-v3d.
TEST_F(Overlays, append_to_the_command_line) {
    constexpr std::string_view sound = R"(/dts-v1/; /plugin/;
    / { fragment@0 { target-path = "/chosen"; __overlay__ { bootargs = "hdmi=0"; }; };
        fragment@1 { target-path = "/chosen"; __overlay__ { bootargs = "b"; }; }; };)";
    ASSERT_TRUE(tree->add_node("/chosen"));
    apply(sound);
    EXPECT_EQ(tree->property("/chosen", "bootargs"), text("hdmi=0 b"));
    ASSERT_TRUE(tree->set("/chosen", "bootargs", text("hdmi=1 a")));
    apply(sound);
    EXPECT_EQ(tree->property("/chosen", "bootargs"), text("hdmi=1 a hdmi=0 b"));
}

TEST_F(Overlays, that_are_larger_than_what_a_tree_has_room_for_are_refused) {
    Tree overlay = compiled(labelled);
    ASSERT_TRUE(overlay.set("/fragment@9", "x", std::string(250 << 10, 'x')));
    EXPECT_TRUE(Tree(*tree).apply(overlay));
    auto larger = Tree::parse(overlay.pack());
    ASSERT_TRUE(larger && larger->set("/fragment@9", "y", std::string(6 << 10, 'y')));
    const auto done = tree->apply(*larger);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().what, "the overlay is larger than 256 KiB");
}

TEST_F(Overlays, that_are_damaged_are_refused) {
    const auto refused = [&](const std::string& node, const std::string& name,
                             const std::string& value) {
        Tree overlay = compiled(labelled);
        EXPECT_TRUE(overlay.set(node, name, value));
        const auto done = Tree(*tree).apply(overlay);
        return done ? "no" : done.error().what;
    };
    const std::string places = "/__local_fixups__/fragment@1/__overlay__";
    EXPECT_EQ(refused(places, "uses", cell(13)),
              "the overlay is damaged: it has no reference at /fragment@1/__overlay__:uses:13");
    EXPECT_EQ(refused(places, "uses", cell(0xfffffff0)),
              "the overlay is damaged: it has no reference at "
              "/fragment@1/__overlay__:uses:4294967280");
    EXPECT_EQ(refused(places + "/x", "y", cell(0)),
              "the overlay is damaged: it has no reference at /fragment@1/__overlay__/x:y:0");
    EXPECT_EQ(refused("/fragment@2/__overlay__", "x", ""),
              "the overlay's fragment@2 says not for which node it is");
    EXPECT_EQ(refused("/fragment@0", "target", ""),
              "the overlay is damaged: it has no /fragment@0:target:0 for the label cma");
    Tree numbered = compiled(labelled);
    numbered.remove_node("/__fixups__");
    const auto done = Tree(*tree).apply(numbered);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().what,
              "the overlay's fragment@0 is for a node that the device tree does not have");
    ASSERT_TRUE(tree->set("/user", "phandle", cell(0xfffffffe)));
    EXPECT_FALSE(tree->apply(compiled(labelled))) << "no numbers are left";
}

}  // namespace
}  // namespace bootwire::devicetree
