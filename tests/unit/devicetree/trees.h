// Trees as dtc compiles them.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "devicetree/tree.h"
#include "images.h"

namespace bootwire::devicetree {

inline constexpr std::string_view disks_tree = R"(/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; model = "as compiled"; compatible = "test,board";
  aliases { ethernet0 = &eth; blconfig = &blconfig; };
  chosen: chosen { bootargs = "as compiled"; stdout-path = "serial9"; };
  memory@0 { device_type = "memory"; reg = <0 0>; };
  reserved-memory { #address-cells = <1>; #size-cells = <1>;
    blconfig: nvram@0 { reg = <0 0>; status = "disabled"; };
    cma { size = <0x4000000>; }; };
  clocks { osc { clock-frequency = <1>; }; };
  soc { #address-cells = <1>; #size-cells = <1>; dma-ranges = <0 0 0x1000>;
    i2c: i2c@1000 { reg = <0x1000 0x10>; status = "disabled"; clock-frequency = <100000>; };
    bare: bare@9 { };
    spi: spi@3000 { reg = <0x3000 0x10>; cs = /bits/ 16 <1 2>; };
    eth: other-ethernet@2000 { reg = <0x2000 0x10>; local-mac-address = [00 00 00 00 00 00]; };
  };
  __overrides__ {
    i2c = <&i2c>, "status";
    rate = <&i2c>, "clock-frequency:0";
    both = <&i2c>, "status", <&spi>, "status";
    second = <&spi>, "cs;2";
    byte = <&spi>, "cs.1";
    wide = <&spi>, "wide#0";
    flag = <&spi>, "a-flag?";
    noflag = <&spi>, "a-flag!";
    four = <&spi>, "width:0=4";
    called = <&spi>, "label";
    table = <&spi>, "label{a=alpha,b,='any other'}";
    narrow = <&spi>, "width:0{x4=4,x8=8}";
    open = <&spi>, "width:0{x4=4,}";
    mac = <&spi>, "address[";
    at = <&eth>, "reg:0";
    long = <&eth>, "reg:4";
    node-name = <&eth>, "name";
    number = <&bare>, "reg:0";
    fixed = <&spi>, "reg:0=", <5>;
    sound = <&chosen>, "bootargs{on='snd.a=1 snd.b=1',}";
    values = <&spi>, "label=", &i2c, <&spi>, "cs;2=", <0x1234>, <&spi>, "a-flag?=", <1>,
        <&spi>, "no-flag!=", <1>, <&spi>, "width:0=", <&i2c>, <&spi>, "last=";
    broken = <&spi>, "label{a=b";
    odd = <&spi>, "label{a=b}c";
  };
};)";

class Trees : public disk::Workshop {
  protected:
    std::string compiled_bytes(std::string_view source) {
        std::ofstream(path("tree.dts")) << source;
        const std::string said = run("dtc -q -@ -o tree.dtb tree.dts");
        EXPECT_TRUE(succeeded()) << said;
        std::ifstream file(path("tree.dtb"), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    Tree compiled(std::string_view source) {
        auto tree = Tree::parse(compiled_bytes(source));
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

inline std::string text(std::string_view value) {
    return std::string(value) + '\0';
}

}  // namespace bootwire::devicetree
