#include "devicetree/parameters.h"

#include "trees.h"

namespace bootwire::devicetree {
namespace {

TEST_F(Trees, take_parameters_as_they_declare_them) {
    Tree tree = compiled(disks_tree);
    const auto property = [&](const char* path, const char* name) {
        return tree.property(path, name).value_or("none");
    };
    for (const std::string parameter : {"both=on", "rate=400000", "second=0x1234", "byte=0x56",
                                        "wide=0x123456789a", "flag", "four", "called=a name"})
        EXPECT_TRUE(set_parameter(tree, parameter)) << parameter;
    EXPECT_EQ(property("/soc/i2c@1000", "status"), text("okay"));
    EXPECT_EQ(property("/soc/spi@3000", "status"), text("okay"));
    EXPECT_EQ(property("/soc/i2c@1000", "clock-frequency"), cell(400000));
    EXPECT_EQ(property("/soc/spi@3000", "cs"), std::string("\0\x56\x12\x34", 4));
    EXPECT_EQ(property("/soc/spi@3000", "wide"), std::string("\0\0\0\x12\x34\x56\x78\x9a", 8));
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
    EXPECT_TRUE(set_parameter(tree, "mac=B827eb01"));
    EXPECT_EQ(property("address"), "\xb8\x27\xeb\x01") << "as a whole";
    for (const std::string bytes : {"b8:277", "b8277", "b8::27", "", "b8 27", "-1"})
        EXPECT_FALSE(set_parameter(tree, "mac=" + bytes)) << bytes;
}

TEST_F(Trees, take_values_that_parameters_have_in_them) {
    Tree tree = compiled(disks_tree);
    const auto property = [&](const char* name) {
        return tree.property("/soc/spi@3000", name).value_or("none");
    };
    ASSERT_TRUE(set_parameter(tree, "values"));
    EXPECT_EQ(property("label"), text("/soc/i2c@1000"));
    EXPECT_EQ(property("cs"), std::string("\0\1\x12\x34", 4));
    EXPECT_EQ(property("a-flag"), "");
    EXPECT_EQ(property("no-flag"), "none");
    EXPECT_EQ(property("width"), cell(tree.phandle("/soc/i2c@1000")));
    EXPECT_EQ(property("last"), text(""));
    EXPECT_TRUE(set_parameter(tree, "rate=up"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(2));
    EXPECT_TRUE(set_parameter(tree, "rate=down"));
    EXPECT_EQ(tree.property("/soc/i2c@1000", "clock-frequency"), cell(1));
}

TEST_F(Trees, have_nodes_that_a_parameter_calls_by_another_address_or_name) {
    Tree tree = compiled(disks_tree);
    const auto set = [&](const std::string& parameter) {
        const auto done = set_parameter(tree, parameter);
        return done ? "" : done.error().what;
    };
    EXPECT_EQ(set("at=0x2A00"), "");
    EXPECT_EQ(tree.property("/soc/other-ethernet@2a00", "reg"), cell(0x2a00) + cell(0x10));
    EXPECT_EQ(tree.property("/aliases", "ethernet0"), text("/soc/other-ethernet@2a00"));
    EXPECT_EQ(tree.property("/__symbols__", "eth"), text("/soc/other-ethernet@2a00"));
    EXPECT_EQ(set("long=0x20"), "");
    EXPECT_EQ(tree.property("/soc/other-ethernet@2a00", "reg"), cell(0x2a00) + cell(0x20))
        << "the length is no address";
    EXPECT_EQ(set("number=7"), "");
    EXPECT_EQ(set("number"), "");
    EXPECT_TRUE(tree.has("/soc/bare@1"));
    EXPECT_FALSE(tree.property("/soc/bare@1", "reg")) << "the name alone";
    EXPECT_EQ(set("fixed"), "");
    EXPECT_EQ(tree.property("/soc/spi@5", "reg"), cell(5) + cell(0x10));
    EXPECT_EQ(set("node-name=mine@2a00"), "");
    EXPECT_TRUE(tree.has("/soc/mine@2a00"));
    EXPECT_EQ(set("node-name=spi@5"),
              "the parameter node-name: there is a node /soc/spi@5 already");
    EXPECT_EQ(set("node-name=a/b"), "the parameter node-name: \"a/b\" is no name for a node");
    source_of(tree);
}

constexpr std::string_view roomy_tree = R"(/dts-v1/;
/ { it: it { three = [01 02 03]; eight = [01 02 03 04 05 06 07 08]; };
  four: four@1 { reg = <1>; }; short: short@2 { reg = [00 00 02]; };
  __overrides__ {
    byte = <&it>, "new-byte.5"; half = <&it>, "three;2"; number = <&it>, "new-number:8";
    wide = <&it>, "eight#4"; inside = <&it>, "eight;2"; end = <&it>, "eight:4";
    reach = <&four>, "reg:0"; beyond = <&four>, "reg:4"; short = <&short>, "reg:0";
  };
};)";

TEST_F(Trees, have_properties_that_a_parameter_makes_as_long_as_its_number_needs) {
    using namespace std::string_view_literals;
    const auto after = [&](const std::string& parameter, const std::string& name,
                           const std::string& node = "/it") {
        Tree tree = compiled(roomy_tree);
        const auto done = set_parameter(tree, parameter);
        EXPECT_TRUE(done) << done.error().to_string();
        return tree.property(node, name).value_or("none");
    };
    EXPECT_EQ(after("byte=0xab", "new-byte"), "\0\0\0\0\0\xab"sv);
    EXPECT_EQ(after("half=0x1234", "three"), "\x01\x02\x12\x34"sv);
    EXPECT_EQ(after("number=7", "new-number"), std::string(8, '\0') + cell(7));
    EXPECT_EQ(after("wide=0x0a0b0c0d0e0f1011", "eight"),
              "\x01\x02\x03\x04\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"sv);
    EXPECT_EQ(after("inside=0xaabb", "eight"), "\x01\x02\xaa\xbb\x05\x06\x07\x08"sv);
    EXPECT_EQ(after("end=9", "eight"), "\x01\x02\x03\x04\0\0\0\x09"sv);
    EXPECT_EQ(after("reach=7", "reg", "/four@7"), cell(7));
    EXPECT_EQ(after("beyond=7", "reg", "/four@1"), cell(1)) << "there is no length";
    EXPECT_EQ(after("short=7", "reg", "/short@7"), "\0\0\x02"sv);
}

TEST_F(Trees, are_not_changed_by_a_parameter_for_a_node_that_is_not_there) {
    Tree tree = compiled(R"(/dts-v1/; / { it { a; status = "okay"; };
      __overrides__ { status = <0x77>, "status"; number = <0x77>, "a:0"; reg = <0x77>, "reg:0";
        flag = <0x77>, "a?"; no-flag = <0x77>, "a!"; bytes = <0x77>, "a["; own = <0x77>, "name";
        table = <0x77>, "a{x=y}"; }; };)");
    const std::string before = source_of(tree);
    for (const std::string parameter :
         {"status=on", "number=1", "reg=1", "flag=on", "flag=off", "no-flag=on", "no-flag=off",
          "bytes=01", "own=x", "table=x"}) {
        const auto done = set_parameter(tree, parameter);
        ASSERT_FALSE(done) << parameter;
        EXPECT_EQ(done.error().what, "the parameter " + parameter.substr(0, parameter.find('=')) +
                                         ": it is declared for a node that is not there");
    }
    EXPECT_EQ(source_of(tree), before);
}

TEST_F(Trees, have_a_command_line_that_parameters_append_to) {
    Tree tree = compiled(disks_tree);
    EXPECT_TRUE(set_parameter(tree, "sound=on"));
    EXPECT_TRUE(set_parameter(tree, "sound=x=1"));
    EXPECT_EQ(tree.property("/chosen", "bootargs"), text("as compiled snd.a=1 snd.b=1 x=1"));
    tree.remove("/chosen", "bootargs");
    EXPECT_TRUE(set_parameter(tree, "sound=x"));
    EXPECT_EQ(tree.property("/chosen", "bootargs"), text("x"));
}

}  // namespace
}  // namespace bootwire::devicetree
