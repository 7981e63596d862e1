#include "board/board.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "board/cpus.h"
#include "board/modules.h"
#include "os/file.h"

namespace bootwire::board {
namespace {

namespace fs = std::filesystem;

class Tree : public testing::Test {
  protected:
    Tree() {
        char name[] = "/tmp/bootwire-test-XXXXXX";
        root_ = mkdtemp(name);
    }
    ~Tree() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& content) {
        const fs::path file = root_ + "/" + path;
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
    }

    std::string root_;
};

using Board_ = Tree;

TEST_F(Board_, is_read_from_the_device_tree) {
    write("model", std::string("Raspberry Pi 3 Model B Rev 1.2\0", 31));
    write("serial-number", std::string("00000000abcdef01\0", 17));
    write("system/linux,revision", std::string("\x00\xa0\x20\x82", 4));
    write("aliases/ethernet0", std::string("/soc/usb/eth\0", 13));
    write("soc/usb/eth/local-mac-address", "\xb8\x27\xeb\x01\x02\x03");
    const Board board = identify(root_);
    EXPECT_EQ(board.model, "Raspberry Pi 3 Model B Rev 1.2");
    EXPECT_EQ(board.serial, "00000000abcdef01");
    EXPECT_EQ(board.revision, 0xa02082u);
    EXPECT_EQ(board.mac->to_string(), "b8:27:eb:01:02:03");
    EXPECT_NE(board.to_string().find("revision a02082"), std::string::npos);
}

TEST_F(Board_, of_a_board_without_names_is_empty_and_harmless) {
    write("aliases/ethernet0", "/../../etc");
    const Board board = identify(root_);
    EXPECT_TRUE(board.serial.empty());
    EXPECT_FALSE(board.mac);
    EXPECT_EQ(board.to_string(), "unknown board");
}

TEST_F(Board_, shows_control_bytes_of_a_hostile_tree_escaped) {
    write("model", "evil\x1b[2J");
    EXPECT_EQ(identify(root_).model, "evil\\x1b[2J");
}

TEST(Cpus, finds_the_number_of_the_online_state) {
    EXPECT_EQ(*online_state_number("  0: offline\n 88: cpuhp:foo\n235: online\n"), 235u);
    EXPECT_FALSE(online_state_number("0: offline\n"));
    EXPECT_FALSE(online_state_number(""));
}

using Cpus_ = Tree;

TEST_F(Cpus_, are_started_one_after_the_other_and_counted) {
    write("hotplug/states", "0: offline\n235: online\n");
    for (const char* cpu : {"cpu0", "cpu1"})
        write(std::string(cpu) + "/hotplug/target", "0\n");
    write("cpu0/hotplug/state", "235\n");
    write("cpu1/hotplug/state", "0\n");
    EXPECT_EQ(*start_all_cpus(root_), 2u);
    EXPECT_TRUE(read_file(root_ + "/cpu1/hotplug/target")->starts_with("235"));
    EXPECT_EQ(*read_file(root_ + "/cpu0/hotplug/target"), "0\n") << "it ran already";
}

TEST(ModuleIndex, gives_dependencies_before_the_module) {
    const auto index = ModuleIndex::parse(
        "btrfs: raid6_pq xor\nraid6_pq:\nalias fs-btrfs btrfs\nalias of:N*T*Cbrcm,vc4* vc4\nvc4: "
        "drm\n");
    EXPECT_EQ(index.load_order("btrfs"), (std::vector<std::string>{"raid6_pq", "xor", "btrfs"}));
    EXPECT_EQ(index.load_order("raid6-pq"), std::vector<std::string>{"raid6_pq"});
    EXPECT_EQ(index.matching("fs-btrfs"), std::vector<std::string>{"btrfs"});
    EXPECT_EQ(index.matching("of:NgpuT(null)Cbrcm,vc4-x"), std::vector<std::string>{"vc4"});
    EXPECT_TRUE(index.load_order("nothing").empty());
    EXPECT_TRUE(index.matching("fs-nothing").empty());
}

}  // namespace
}  // namespace bootwire::board
