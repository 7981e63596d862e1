// The overlays that Raspberry Pi OS's config.txt has from the start, and others that many add, in
// small: which fragments, labels, references and parameters they have, and for what.
#include "raspberry_pi_os.h"

#include "devicetree/overlay.h"
#include "trees.h"

namespace bootwire::devicetree {
namespace {

/// Of a Pi 4. Others differ in what the overlays here do not touch.
std::string board(const std::string& compatible) {
    return "/dts-v1/; / { compatible = " + compatible + R"(;
  chosen: chosen { bootargs = "coherent_pool=1M snd_bcm2835.enable_headphones=0"; };
  aliases: aliases { serial0 = &uart1; serial1 = &uart0; i2c3 = &i2c3; };
  reserved-memory { cma: linux,cma { size = <0x4000000>; reusable; }; };
  gpu: gpu { status = "disabled"; memory-region = <&cma>; };
  soc { #address-cells = <1>; #size-cells = <1>;
    gpio: gpio@200000 { uart0_pins: uart0_pins { brcm,pins = <32 33>; };
      uart1_pins: uart1_pins { }; bt_pins: bt_pins { brcm,pins = <43>; }; };
    uart0: serial@201000 { pinctrl-0 = <&uart0_pins>, <&bt_pins>;
      bt: bluetooth { }; };
    uart1: serial@215040 { pinctrl-0 = <&uart1_pins>; status = "disabled";
      minibt: bluetooth { status = "disabled"; }; };
    i2c_arm: i2c1: i2c@804000 { status = "disabled"; };
    i2c3: i2c@205600 { status = "disabled"; };
    i2c_csi_dsi0: i2c0: i2c@205000 { status = "disabled"; };
    i2c_csi_dsi: i2c@70000 { status = "disabled"; };
    csi0: csi@800000 { status = "disabled"; }; csi1: csi@801000 { status = "disabled"; };
    hdmi0: hdmi@ef00700 { status = "disabled"; dmas = <1>; };
    fb: fb { }; usb: usb@980000 { compatible = "brcm,bcm2708-usb"; };
  };
  regulator: cam1_reg { }; cam1_reg: cam1 { }; cam0_reg: cam0 { };
  __overrides__ {
    audio = <&chosen>, "bootargs{on='snd_bcm2835.enable_headphones=1 snd_bcm2835.enable_hdmi=1',off='snd_bcm2835.enable_headphones=0'}";
    i2c_arm = <&i2c_arm>, "status"; i2c_arm_baudrate = <&i2c_arm>, "clock-frequency:0";
  };
};)";
}

constexpr std::string_view overlay_map = R"(/dts-v1/; /
{ vc4-kms-v3d { bcm2835; bcm2711 = "vc4-kms-v3d-pi4"; bcm2712 = "vc4-kms-v3d-pi5"; };
  dwc2 { bcm2835; bcm2712 = "dwc2-pi5"; }; pi3-disable-bt { renamed = "disable-bt"; }; };)";

constexpr std::string_view display = R"(/dts-v1/; /plugin/; / { compatible = "brcm,bcm2711";
  fragment@0 { target = <&cma>; frag0: __overlay__ { size = <0x1fc00000>; }; };
  fragment@1 { target = <&gpu>; __overlay__ { status = "okay"; }; };
  fragment@2 { target = <&hdmi0>; __overlay__ { status = "okay"; }; };
  fragment@3 { target = <&fb>; __overlay__ { status = "disabled"; }; };
  fragment@4 { target = <&hdmi0>; __dormant__ { dmas; }; };
  fragment@5 { target-path = "/chosen"; __overlay__ { bootargs = "snd_bcm2835.enable_hdmi=0"; }; };
  __overrides__ { cma-256 = <&frag0>, "size:0=", <0x10000000>; cma-size = <&frag0>, "size:0";
    cma-default = <0>, "-0"; audio = <0>, "!4"; noaudio = <0>, "=4"; nohdmi = <0>, "-2"; };
};)";

constexpr std::string_view usb = R"(/dts-v1/; /plugin/; / { compatible = "brcm,bcm2835";
  fragment@0 { target = <&usb>; #address-cells = <1>; #size-cells = <1>;
    dwc2_usb: __overlay__ { compatible = "brcm,bcm2835-usb"; dr_mode = "otg";
      g-np-tx-fifo-size = <32>; g-tx-fifo-size = <512 256>; status = "okay"; }; };
  __overrides__ { dr_mode = <&dwc2_usb>, "dr_mode";
    g-np-tx-fifo-size = <&dwc2_usb>, "g-np-tx-fifo-size:0"; };
};)";

constexpr std::string_view no_bluetooth = R"(/dts-v1/; /plugin/; / {
  fragment@0 { target = <&uart1>; __overlay__ { status = "disabled"; }; };
  fragment@1 { target = <&uart0>; __overlay__ { pinctrl-0 = <&uart0_pins>; status = "okay"; }; };
  fragment@2 { target = <&bt>; __overlay__ { status = "disabled"; }; };
  fragment@3 { target = <&uart0_pins>; __overlay__ { brcm,pins; }; };
  fragment@4 { target-path = "/aliases"; __overlay__ { serial0 = "/soc/serial@201000"; }; };
};)";

constexpr std::string_view slow_bluetooth = R"(/dts-v1/; /plugin/; / {
  fragment@0 { target = <&uart1>; __overlay__ { pinctrl-0 = <&uart1_pins>; status = "okay"; }; };
  fragment@1 { target = <&minibt>; minibt_frag: __overlay__ { status = "okay"; }; };
  __overrides__ { krnbt = <&minibt_frag>, "status"; };
};)";

/// With the buses that all overlays for I2C share.
constexpr std::string_view sensor = R"(/dts-v1/; /plugin/; / {
  fragment@0 { target = <&i2cbus>; __dormant__ { #address-cells = <1>; status = "okay";
    bme280: bme280@76 { compatible = "bosch,bme280"; reg = <0x76>; }; }; };
  fragment@28 { target = <&i2cbus>; __dormant__ { mpu6050: mpu6050@68 { reg = <0x68>;
    interrupt-parent = <&gpio>; interrupts = <4 2>; }; }; };
  fragment@30 { target = <&bno055>; __dormant__ { reset-gpios = <&gpio 5 1>; }; };
  fragment@31 { target = <&i2cbus>; __dormant__ { bno055: bno055@29 { reg = <0x29>; }; }; };
  busfrag: fragment@100 { target = <&i2c_arm>; i2cbus: __overlay__ { status = "okay"; }; };
  fragment@101 { target = <&i2c_csi_dsi>; __dormant__ { status = "okay"; }; };
  __overrides__ { bme280 = <0>, "+0"; mpu6050 = <0>, "+28"; bno055 = <0>, "+31";
    addr = <&bme280>, "reg:0", <&mpu6050>, "reg:0", <&bno055>, "reg:0";
    int_pin = <&mpu6050>, "interrupts:0"; reset_pin = <&bno055>, "reset-gpios:4", <0>, "+30";
    i2c0 = <&busfrag>, "target:0=", <&i2c0>, <&busfrag>, "target-path?=0", <0>, "+101";
    i2c3 = <&busfrag>, "target?=0", <&busfrag>, "target-path=i2c3", <0>, "-101"; };
};)";

constexpr std::string_view camera = R"(/dts-v1/; /plugin/; / {
  i2c_frag: fragment@100 { target = <&i2c_csi_dsi>; __overlay__ { status = "okay";
    cam_node: imx219@10 { reg = <0x10>; VANA-supply = <&cam1_reg>; rotation = <180>;
      port { cam_endpoint: endpoint { remote-endpoint = <&csi_ep>; }; }; };
    vcm: ad5398@c { reg = <0xc>; status = "disabled"; VANA-supply = <&cam1_reg>; }; }; };
  csi_frag: fragment@101 { target = <&csi1>; csi: __overlay__ { status = "okay"; media;
    port { csi_ep: endpoint { remote-endpoint = <&cam_endpoint>; }; }; }; };
  __overrides__ { rotation = <&cam_node>, "rotation:0"; media = <&csi>, "media?";
    cam0 = <&i2c_frag>, "target:0=", <&i2c_csi_dsi0>, <&csi_frag>, "target:0=", <&csi0>,
           <&cam_node>, "VANA-supply:0=", <&cam0_reg>;
    vcm = <&vcm>, "status=okay", <&cam_node>, "lens-focus:0=", <&vcm>; };
};)";

class RaspberryPiOs : public Trees {
  protected:
    void SetUp() override {
        Trees::SetUp();
        folder = bootfiles::raspberry_pi_os();
        add("overlay_map.dtb", overlay_map);
        add("vc4-kms-v3d.dtbo", display);
        add("vc4-kms-v3d-pi4.dtbo", display);
        add("vc4-kms-v3d-pi5.dtbo", display);
        add("dwc2.dtbo", usb);
        add("dwc2-pi5.dtbo", usb);
        add("disable-bt.dtbo", no_bluetooth);
        add("miniuart-bt.dtbo", slow_bluetooth);
        add("i2c-sensor.dtbo", sensor);
        add("imx219.dtbo", camera);
    }
    void add(const std::string& name, std::string_view source) {
        folder.files["overlays/" + name] = compiled_bytes(source);
    }
    /// The tree that the board gets, without a complaint.
    Tree configured(uint32_t revision, const std::string& further = "",
                    const std::string& compatible = R"("brcm,bcm2711")") {
        folder.files["config.txt"] += "[all]\n" + further;
        const auto files = bootfiles::find_boot_files(folder, {revision, "", 1});
        EXPECT_TRUE(files) << files.error().what;
        Tree tree = compiled(board(compatible));
        const auto notes = apply_changes(tree, files->tree_changes, folder);
        EXPECT_TRUE(notes && notes->empty()) << notes->front();
        EXPECT_EQ(leads_to(tree, "/gpu", "memory-region"), "/reserved-memory/linux,cma");
        source_of(tree);
        return tree;
    }
    static std::string leads_to(const Tree& tree, const std::string& path, const std::string& name,
                                size_t offset = 0) {
        const auto number = cell_at(tree.property(path, name).value_or(""), offset);
        return tree.with_phandle(number.value_or(0));
    }

    bootfiles::MemoryFolder folder;
};

constexpr uint32_t pi3_revision = 0xa02082, pi4_revision = 0xc03114, pi5_revision = 0xd04170,
                   cm5_revision = 0xd04180;

TEST_F(RaspberryPiOs, applies_as_it_is_installed) {
    for (const uint32_t revision : {pi3_revision, pi4_revision, pi5_revision}) {
        const Tree tree = configured(revision);
        EXPECT_EQ(tree.property("/reserved-memory/linux,cma", "size"), cell(0x1fc00000));
        EXPECT_EQ(tree.property("/gpu", "status"), text("okay"));
        EXPECT_EQ(tree.property("/soc/hdmi@ef00700", "status"), text("okay"));
        EXPECT_EQ(tree.property("/soc/hdmi@ef00700", "dmas"), cell(1));
        EXPECT_EQ(tree.property("/soc/fb", "status"), text("disabled"));
        EXPECT_EQ(tree.property("/chosen", "bootargs"),
                  text("coherent_pool=1M snd_bcm2835.enable_headphones=0 "
                       "snd_bcm2835.enable_headphones=1 snd_bcm2835.enable_hdmi=1 "
                       "snd_bcm2835.enable_hdmi=0"));
        EXPECT_EQ(tree.property("/soc/usb@980000", "compatible"), text("brcm,bcm2708-usb"));
    }
}

TEST_F(RaspberryPiOs, has_a_usb_host_on_a_compute_module_5) {
    const Tree tree = configured(cm5_revision, "", R"("brcm,bcm2712")");
    EXPECT_EQ(tree.property("/soc/usb@980000", "dr_mode"), text("host"));
    EXPECT_EQ(tree.property("/soc/usb@980000", "compatible"), text("brcm,bcm2835-usb"));
    EXPECT_EQ(tree.property("/gpu", "status"), text("okay"));
}

TEST_F(RaspberryPiOs, has_displays_with_parameters) {
    Tree tree = configured(pi4_revision, "dtoverlay=vc4-kms-v3d,cma-256,noaudio\n");
    EXPECT_EQ(tree.property("/reserved-memory/linux,cma", "size"), cell(0x10000000));
    EXPECT_EQ(tree.property("/soc/hdmi@ef00700", "dmas"), "");
    folder.files["config.txt"] = "";
    tree =
        configured(pi4_revision, "dtoverlay=vc4-kms-v3d,cma-default,nohdmi\ndtparam=i2c_arm=on\n");
    EXPECT_EQ(tree.property("/reserved-memory/linux,cma", "size"), cell(0x4000000));
    EXPECT_EQ(tree.property("/soc/hdmi@ef00700", "status"), text("disabled"));
    EXPECT_EQ(tree.property("/soc/i2c@804000", "status"), text("okay"));
}

TEST_F(RaspberryPiOs, gives_up_or_slows_down_bluetooth) {
    Tree tree = configured(pi4_revision, "dtoverlay=pi3-disable-bt\n");
    EXPECT_EQ(leads_to(tree, "/soc/serial@201000", "pinctrl-0"), "/soc/gpio@200000/uart0_pins");
    EXPECT_EQ(tree.property("/soc/serial@201000", "pinctrl-0")->size(), 4u);
    EXPECT_EQ(tree.property("/soc/gpio@200000/uart0_pins", "brcm,pins"), "");
    EXPECT_EQ(tree.property("/soc/serial@201000/bluetooth", "status"), text("disabled"));
    EXPECT_EQ(tree.alias("serial0"), "/soc/serial@201000");
    folder.files["config.txt"] = "";
    tree = configured(pi4_revision, "dtoverlay=miniuart-bt,krnbt=off\n");
    EXPECT_EQ(tree.property("/soc/serial@215040/bluetooth", "status"), text("disabled"));
    EXPECT_EQ(tree.property("/soc/serial@215040", "status"), text("okay"));
}

TEST_F(RaspberryPiOs, has_sensors_on_any_bus) {
    const Tree tree = configured(pi4_revision,
                                 "dtoverlay=i2c-sensor,bme280,addr=0x77\n"
                                 "dtoverlay=i2c-sensor,mpu6050,int_pin=7,i2c3\n"
                                 "dtoverlay=i2c-sensor,i2c0,bno055,reset_pin=6\n");
    EXPECT_EQ(tree.property("/soc/i2c@804000/bme280@77", "reg"), cell(0x77));
    EXPECT_EQ(tree.property("/soc/i2c@804000", "status"), text("okay"));
    EXPECT_EQ(tree.property("/soc/i2c@205600/mpu6050@68", "interrupts"), cell(7) + cell(2));
    EXPECT_EQ(leads_to(tree, "/soc/i2c@205600/mpu6050@68", "interrupt-parent"), "/soc/gpio@200000");
    const std::string reset = "/soc/i2c@205000/bno055@29";
    EXPECT_EQ(leads_to(tree, reset, "reset-gpios"), "/soc/gpio@200000");
    EXPECT_EQ(cell_at(tree.property(reset, "reset-gpios").value_or(""), 4), 5u)
        << "the fragment comes after the parameter, with the vendor's too";
    EXPECT_EQ(tree.property("/soc/i2c@70000", "status"), text("okay"));
}

TEST_F(RaspberryPiOs, has_cameras_at_either_port) {
    Tree tree = configured(pi4_revision, "dtoverlay=imx219,vcm,rotation=0\n");
    const std::string usual = "/soc/i2c@70000/imx219@10";
    EXPECT_EQ(leads_to(tree, usual, "VANA-supply"), "/cam1");
    EXPECT_EQ(leads_to(tree, usual, "lens-focus"), "/soc/i2c@70000/ad5398@c");
    EXPECT_EQ(leads_to(tree, usual + "/port/endpoint", "remote-endpoint"),
              "/soc/csi@801000/port/endpoint");
    tree = configured(pi4_revision, "dtoverlay=imx219,cam0,media=off\n");
    const std::string other = "/soc/i2c@205000/imx219@10";
    EXPECT_EQ(leads_to(tree, other, "VANA-supply"), "/cam0");
    EXPECT_EQ(leads_to(tree, "/soc/csi@800000/port/endpoint", "remote-endpoint"),
              other + "/port/endpoint");
    EXPECT_FALSE(tree.property("/soc/csi@800000", "media"));
}

}  // namespace
}  // namespace bootwire::devicetree
