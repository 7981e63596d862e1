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

    std::unique_ptr<Tree> tree;
};

/// As i2c-sensor's sensors with an interrupt, and vc4-kms-v3d with cma-default.
constexpr std::string_view switched = R"(/dts-v1/; /plugin/;
/ { fragment@0 { target = <&bus>; __dormant__ { a: sleeper { uses = <&one>, <&a>; }; }; };
    fragment@1 { target = <&bus>; __overlay__ { b: waker { uses = <&two>, <&b>; }; }; };
    __overrides__ { swap = <0>, "+0-1"; }; };)";

TEST_F(Overlays, may_have_references_in_fragments_that_a_parameter_switches) {
    apply(switched);
    EXPECT_FALSE(tree->has("/bus@1/sleeper"));
    EXPECT_EQ(uses("/bus@1/waker"), (Paths{"/bus@1/device@2", "/bus@1/waker"}));
    *tree = compiled(board);
    apply(switched, {"swap"});
    EXPECT_EQ(uses("/bus@1/sleeper"), (Paths{"/bus@1/device@1", "/bus@1/sleeper"}));
    EXPECT_FALSE(tree->has("/bus@1/waker"));
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
/ { fragment@0 { target = <&any>; __dormant__ { first: sensor@76 { uses = <&one>; }; }; };
    fragment@1 { target = <&second>; __dormant__ { uses = <&two>, <&second>, <&any>; }; };
    fragment@2 { target = <&any>; __dormant__ { second: sensor@29 { uses = <&first>; }; }; };
    where: fragment@3 { target = <&bus>; any: __overlay__ { enabled; }; };
    __overrides__ { first = <0>, "+0"; second = <0>, "+2"; pin = <0>, "+1"; off = <0>, "-3";
      other = <&where>, "target?=0", <&where>, "target-path=second"; }; };)";

TEST_F(Overlays, may_patch_what_a_parameter_puts_elsewhere_or_switches_off) {
    apply(sensors, {"first", "pin", "other"});
    EXPECT_EQ(uses("/bus@1/device@2/sensor@76"), (Paths{"/bus@1/device@1"}));
    EXPECT_FALSE(tree->has("/bus@1/device@2/sensor@29")) << "its part alone";
    const std::string before = source_of(*tree);
    apply(sensors, {"first", "second", "pin", "off"});
    EXPECT_EQ(source_of(*tree), before);
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

}  // namespace
}  // namespace bootwire::devicetree
