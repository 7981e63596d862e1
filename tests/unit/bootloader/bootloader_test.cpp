#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bootloader/card_update.h"
#include "bootloader/running.h"
#include "bootloader/wishes.h"
#include "images.h"

namespace bootwire::bootloader {
namespace {

namespace fs = std::filesystem;
using eeprom::RunningBootloader;

/// A folder that goes with the test.
class Folder {
  public:
    Folder() {
        char name[] = "/tmp/bootloader-test-XXXXXX";
        path = mkdtemp(name);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path); }

    void write(const std::string& name, std::string_view text) const {
        fs::create_directories(fs::path(path + "/" + name).parent_path());
        std::ofstream(path + "/" + name, std::ios::binary) << text;
    }
    std::string read(const std::string& name) const {
        std::ifstream file(path + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    bool has(const std::string& name) const { return fs::exists(path + "/" + name); }

    std::string path;
};

std::string cell(uint32_t number) {
    std::string bytes(4, '\0');
    store_be32(reinterpret_cast<uint8_t*>(bytes.data()), number);
    return bytes;
}

board::Board a_pi4() {
    board::Board board;
    board.serial = "10000000abcdef01";
    board.revision = 0xc03111;
    return board;
}

/// What a Pi 4 shows below /proc and /sys.
class RunningTest : public testing::Test {
  protected:
    RunningTest() {
        tree.write("aliases/blconfig", std::string("/reserved-memory/nvram@0\0", 25));
        tree.write("chosen/bootloader/build-timestamp", cell(1770000000));
        tree.write("chosen/bootloader/update-timestamp", cell(1770000100));
        tree.write("chosen/rpi-min-boot-ver", cell(2));
        nvmem.write("node/base/reserved-memory/nvram@0/compatible", "nvmem-rmem");
        nvmem.write("node/base/reserved-memory/nvram@1/compatible", "nvmem-rmem");
        device("rmem0", "nvram@1", "PUBLIC=key\n");
        device("rmem1", "nvram@0", std::string("BOOT_ORDER=0xf41\n") + std::string(60, '\0'));
    }
    void device(const std::string& name, const std::string& node, const std::string& content) {
        nvmem.write("devices/" + name + "/nvmem", content);
        fs::create_symlink(nvmem.path + "/node/base/reserved-memory/" + node,
                           nvmem.path + "/devices/" + name + "/of_node");
    }
    auto read(const board::Board& board = a_pi4()) {
        return read_running(board, tree.path, nvmem.path + "/devices");
    }

    Folder tree, nvmem;
};

TEST_F(RunningTest, tells_what_the_firmware_has_left_in_the_device_tree) {
    const auto running = read();
    ASSERT_TRUE(running && *running);
    EXPECT_EQ((*running)->built, 1770000000u);
    EXPECT_EQ((*running)->updated, 1770000100u);
    EXPECT_EQ((*running)->least_manufacture, 2u);
    EXPECT_EQ((*running)->signed_boot, 0u);
    EXPECT_EQ((*running)->configuration, "BOOT_ORDER=0xf41\n");
    EXPECT_EQ((*running)->serial, "10000000abcdef01");
}

TEST_F(RunningTest, is_nothing_for_a_board_without_such_an_eeprom) {
    board::Board board = a_pi4();
    board.revision = 0xa02082;  // a Pi 3B
    EXPECT_FALSE(read(board).value());
    board.revision.reset();
    EXPECT_FALSE(read(board).value());
}

TEST_F(RunningTest, does_not_take_an_unreadable_configuration_for_an_empty_one) {
    fs::remove(nvmem.path + "/devices/rmem1/of_node");
    EXPECT_FALSE(read());
    tree.write("aliases/blconfig", "nonsense");
    EXPECT_FALSE(read());
    fs::remove_all(tree.path + "/aliases");
    EXPECT_FALSE(read());
}

TEST_F(RunningTest, tells_a_bootloader_that_writes_other_cells_than_the_tree_counts_in) {
    fs::remove(nvmem.path + "/devices/rmem1/of_node");
    const std::string node = "reserved-memory/nvram@0/";
    tree.write("reserved-memory/#address-cells", cell(2));
    tree.write("reserved-memory/#size-cells", cell(2));
    tree.write(node + "status", std::string("okay\0", 5));
    tree.write(node + "reg", cell(0) + cell(0x3fd16300) + cell(0) + cell(0x38));
    EXPECT_FALSE(read().error().to_string().contains("too old"));
    tree.write(node + "reg", cell(0) + cell(0x3fd16300) + cell(0x38));
    EXPECT_TRUE(read().error().to_string().contains("too old"));
    tree.write(node + "status", std::string("disabled\0", 9));
    EXPECT_FALSE(read().error().to_string().contains("too old")) << "it has written nothing";
}

TEST_F(RunningTest, takes_an_empty_configuration_for_what_it_is) {
    nvmem.write("devices/rmem1/nvmem", std::string(64, '\xff'));
    const auto running = read();
    ASSERT_TRUE(running && *running);
    EXPECT_EQ((*running)->configuration, "");
}

RunningBootloader pi4_with(std::string configuration) {
    RunningBootloader running;
    running.revision = 0xc03111;
    running.configuration = std::move(configuration);
    return running;
}

TEST(Wishes, add_the_network_behind_the_card_and_keep_the_rest) {
    const plan::BootloaderWishes none;
    EXPECT_EQ(wanted_configuration(pi4_with("# mine\nBOOT_ORDER=0xf461\nX=1\n"), none).value(),
              "# mine\nBOOT_ORDER=0xf4621\nX=1\n");
    const std::string has_it = "BOOT_ORDER=0xf21 \n";
    EXPECT_EQ(wanted_configuration(pi4_with(has_it), none).value(), has_it);
}

TEST(Wishes, keep_every_byte_if_that_is_wished_for) {
    plan::BootloaderWishes keep;
    keep.order.value.what = eeprom::OrderWish::What::keep;
    for (const std::string text : {"", "BOOT_ORDER=0xf1\n", "BOOT_ORDER=nonsense"})
        EXPECT_EQ(wanted_configuration(pi4_with(text), keep).value(), text);
}

TEST(Wishes, set_an_order_once) {
    plan::BootloaderWishes wishes;
    wishes.order.value = {eeprom::OrderWish::What::set, 0xf21};
    const std::string changed =
        wanted_configuration(pi4_with("BOOT_ORDER=0xf41\n"), wishes).value();
    EXPECT_EQ(changed, "BOOT_ORDER=0xf21\n");
    EXPECT_EQ(wanted_configuration(pi4_with(changed), wishes).value(), changed);
    EXPECT_EQ(wanted_configuration(pi4_with("BOOT_ORDER=0xF21\n"), wishes).value(),
              "BOOT_ORDER=0xF21\n")
        << "the same order in other letters";
}

TEST(Wishes, set_the_folder_that_is_asked_for_first) {
    plan::BootloaderWishes wishes;
    wishes.order.value.what = eeprom::OrderWish::What::keep;
    const auto with = [&](plan::TftpPrefix prefix, const std::string& text) {
        wishes.tftp_prefix.value = prefix;
        return wanted_configuration(pi4_with(text), wishes).value();
    };
    EXPECT_EQ(with(plan::TftpPrefix::serial, "A=1\n"), "A=1\n") << "holds already";
    EXPECT_EQ(with(plan::TftpPrefix::serial, "TFTP_PREFIX=2\n"), "TFTP_PREFIX=0\n");
    EXPECT_EQ(with(plan::TftpPrefix::mac, "TFTP_PREFIX=0\n"), "TFTP_PREFIX=2\n");
    const std::string flat = with(plan::TftpPrefix::none, "A=1\n");
    EXPECT_NE(flat.find("TFTP_PREFIX=1"), flat.npos);
    EXPECT_NE(flat.find("TFTP_PREFIX_STR="), flat.npos);
    EXPECT_EQ(with(plan::TftpPrefix::none, flat), flat);
}

/// A card with an image for a Pi 4.
class CardUpdateTest : public testing::Test {
  protected:
    CardUpdateTest() {
        card.write("eeprom/firmware-2711/default/recovery.bin", "recovery of 2711");
        card.write("eeprom/firmware-2711/default/pieeprom-2026-01-01.bin", "old");
        card.write("eeprom/firmware-2711/default/pieeprom-2026-05-26.bin", "new");
        card.write("config.txt", "arm_64bit=1\n");
    }
    eeprom::Update update() const { return {{1, 2, 3}, "the sum\n"}; }

    Folder card;
};

TEST_F(CardUpdateTest, is_made_of_the_newest_image_for_the_board) {
    const auto image = find_image(card.path, 0xc03111);
    ASSERT_TRUE(image && *image);
    EXPECT_EQ((*image)->name, "firmware-2711/default/pieeprom-2026-05-26.bin");
    EXPECT_EQ((*image)->image, "new");
    EXPECT_EQ((*image)->recovery, "recovery of 2711");
    card.write("eeprom/firmware-2711/default-c03111/recovery.bin", "of this one");
    card.write("eeprom/firmware-2711/default-c03111/pieeprom-2024-01-01.bin", "its own");
    EXPECT_EQ((*find_image(card.path, 0xc03111))->image, "its own");
    EXPECT_FALSE(find_image(card.path, 0xd04170).value()) << "a Pi 5";
}

TEST_F(CardUpdateTest, is_an_error_without_its_recovery_bin) {
    fs::remove(card.path + "/eeprom/firmware-2711/default/recovery.bin");
    EXPECT_FALSE(find_image(card.path, 0xc03111));
}

TEST_F(CardUpdateTest, lies_on_the_card_under_the_names_that_the_firmware_looks_for) {
    ASSERT_TRUE(put_on_card(card.path, update(), "recovery", "content"));
    EXPECT_EQ(card.read("pieeprom.upd"), "\1\2\3");
    EXPECT_EQ(card.read("pieeprom.sig"), "the sum\n");
    EXPECT_EQ(card.read("recovery.bin"), "recovery");
    EXPECT_EQ(tried_content(card.path), "content");
    EXPECT_FALSE(card.has("recovery.new"));
    EXPECT_TRUE(look_for_update(card.path).any());
}

TEST_F(CardUpdateTest, has_no_recovery_bin_unless_all_else_is_there) {
    fs::create_directories(card.path + "/pieeprom.sig");  // cannot be written
    EXPECT_FALSE(put_on_card(card.path, update(), "recovery", "content"));
    EXPECT_FALSE(card.has("recovery.bin"));
}

TEST_F(CardUpdateTest, goes_with_all_that_it_has_left_and_nothing_else) {
    ASSERT_TRUE(put_on_card(card.path, update(), "recovery", "content"));
    fs::rename(card.path + "/recovery.bin", card.path + "/recovery.000");
    card.write("recovery.elf", "somebody's");
    ASSERT_TRUE(take_from_card(card.path, true));
    EXPECT_EQ(tried_content(card.path), "content");
    EXPECT_FALSE(card.has("recovery.000") || card.has("pieeprom.upd") || card.has("pieeprom.sig"));
    EXPECT_TRUE(look_for_update(card.path).noted);
    ASSERT_TRUE(take_from_card(card.path, false));
    EXPECT_FALSE(look_for_update(card.path).any());
    EXPECT_TRUE(card.has("recovery.elf") && card.has("config.txt"));
    EXPECT_TRUE(find_image(card.path, 0xc03111).value());
}

TEST(Content, differs_by_image_and_configuration) {
    const CardImage one{"a", "", ""}, other{"b", "", ""};
    EXPECT_EQ(content_of(one, "X=1\n"), content_of(one, "X=1\n"));
    EXPECT_NE(content_of(one, "X=1\n"), content_of(one, "X=2\n"));
    EXPECT_NE(content_of(one, "X=1\n"), content_of(other, "X=1\n"));
}

}  // namespace
}  // namespace bootwire::bootloader
