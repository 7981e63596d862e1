#include "fat/volume.h"

#include <fstream>

#include "images.h"

namespace bootwire::fat {
namespace {

using Volumes = disk::Workshop;

const std::vector<File> usual{{"INDEX.HTM", std::string(5000, 'h'), true},
                              {"BOOTLOG.TXT", "", true},
                              {"bootwire.txt", "iscsi.ip=192.168.1.10\r\n", false}};

void put_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::string get_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(Volumes, are_what_fsck_and_mtools_take_for_sound) {
    NEEDS_TOOL("fsck.fat");
    NEEDS_TOOL("mtype");
    const auto volume = make_volume("BOOTWIRE", usual);
    ASSERT_TRUE(volume) << volume.error().to_string();
    ASSERT_EQ(volume->size(), volume_size);
    put_file(path("volume"), *volume);
    const std::string said = run("fsck.fat -n -v volume");
    EXPECT_TRUE(succeeded()) << said;
    EXPECT_EQ(said.find("differ"), said.npos) << said;
    EXPECT_EQ(run("mtype -i volume ::INDEX.HTM"), usual[0].content);
    EXPECT_EQ(run("mtype -i volume ::bootwire.txt"), usual[2].content);
    const std::string listed = run("mdir -b -i volume ::");
    EXPECT_NE(listed.find("::/bootwire.txt"), listed.npos) << listed;
    EXPECT_NE(run("mattrib -i volume ::INDEX.HTM").find('R'), std::string::npos);
    EXPECT_NE(run("mlabel -s -i volume ::").find("BOOTWIRE"), std::string::npos);
}

TEST_F(Volumes, are_read_after_somebody_has_changed_them) {
    NEEDS_TOOL("mcopy");
    put_file(path("volume"), *make_volume("BOOTWIRE", usual));
    std::string longer;
    for (int i = 0; i < 500; ++i)
        longer += "# line " + std::to_string(i) + "\r\n";
    put_file(path("new"), longer + "iscsi.lun=2\r\n");
    put_file(path("noise"), std::string(3000, 'n'));
    // Deleted, others in between: its clusters do not follow each other.
    run("mdel -i volume ::bootwire.txt && mcopy -i volume noise ::NOISE.BIN && "
        "mcopy -i volume noise '::A long name.txt' && mdel -i volume ::NOISE.BIN && "
        "mcopy -i volume new ::bootwire.txt");
    ASSERT_TRUE(succeeded());
    const auto text = read_root_file(get_file(path("volume")), "bootwire.txt", 65536);
    ASSERT_TRUE(text) << text.error().to_string();
    EXPECT_EQ(*text, longer + "iscsi.lun=2\r\n");
}

TEST_F(Volumes, of_other_tools_are_read_too) {
    NEEDS_TOOL("mkfs.vfat");
    for (const std::string options : {"-F 12", "-F 16", "-F 12 -s 16", "-F 16 -f 1"}) {
        make_image("volume", 16 << 20);
        put_file(path("text"), "vlan=7\n");
        const std::string said =
            run("mkfs.vfat " + options + " volume && mcopy -i volume text ::bootwire.txt");
        ASSERT_TRUE(succeeded()) << options << said;
        const auto text = read_root_file(get_file(path("volume")), "bootwire.txt", 100);
        ASSERT_TRUE(text) << options << text.error().to_string();
        EXPECT_EQ(*text, "vlan=7\n");
        std::filesystem::remove(path("volume"));
    }
}

TEST(FatVolume, refuses_what_does_not_fit) {
    EXPECT_FALSE(make_volume("MUCH TOO LONG", usual));
    EXPECT_FALSE(make_volume("X", std::vector<File>{{"much-too-long.txt", ""}}));
    EXPECT_FALSE(make_volume("X", std::vector<File>{{"A.B", std::string(3 << 20, 'x')}}));
}

TEST(FatVolume, that_is_broken_gives_a_sentence) {
    const std::string volume = *make_volume("BOOTWIRE", usual);
    const auto broken = [&](size_t at, std::string_view bytes) {
        std::string changed = volume;
        changed.replace(at, bytes.size(), bytes);
        return read_root_file(changed, "bootwire.txt", 65536);
    };
    using namespace std::string_view_literals;
    EXPECT_FALSE(broken(510, "\0\0"sv));
    EXPECT_FALSE(broken(11, "\0\x10"sv));    // sectors of 4096 bytes in a volume of 512
    EXPECT_FALSE(broken(13, "\x03"sv));      // no power of two
    EXPECT_FALSE(broken(19, "\xff\xff"sv));  // larger than it is
    EXPECT_FALSE(broken(22, "\0\0"sv));
    EXPECT_FALSE(broken(22, "\x01\0"sv));  // a FAT too small for its clusters
    EXPECT_FALSE(read_root_file("", "bootwire.txt", 10));
    EXPECT_FALSE(read_root_file(volume.substr(0, 600), "bootwire.txt", 10));
    const auto longer = read_root_file(volume, "index.htm", 100);
    ASSERT_FALSE(longer);
    EXPECT_NE(longer.error().what.find("too long"), std::string::npos);
    EXPECT_FALSE(read_root_file(volume, "nothing.txt", 100));
}

TEST(FatVolume, with_a_chain_in_a_circle_is_read_to_the_files_size_and_no_further) {
    std::string volume = *make_volume("BOOTWIRE", usual);
    // INDEX.HTM has clusters 2 to 6; 3 leads back to 2.
    volume[512 + 4] = '\x20';
    volume[512 + 5] = '\x00';
    const auto text = read_root_file(volume, "INDEX.HTM", 65536);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), 5000u);
}

}  // namespace
}  // namespace bootwire::fat
