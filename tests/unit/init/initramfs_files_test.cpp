#include "init/initramfs_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.h"
#include "os/file.h"

namespace bootwire::init {
namespace {

class InitramfsFilesTest : public testing::Test {
  protected:
    ~InitramfsFilesTest() override { std::filesystem::remove_all(folder_); }

    /// An entry that belongs to whoever runs the test.
    kexec::CpioEntry entry(const std::string& name, uint32_t mode, size_t size = 0) {
        kexec::CpioEntry entry;
        entry.name = name;
        entry.mode = mode;
        entry.owner = getuid();
        entry.group = getgid();
        entry.links = 1;
        entry.inode = ++inode_;
        entry.size = static_cast<uint32_t>(size);
        return entry;
    }
    void add(const kexec::CpioEntry& entry, const std::string& content = {}) {
        EXPECT_TRUE(files_.entry(entry));
        for (const char& c : content)
            EXPECT_TRUE(files_.content(Bytes(reinterpret_cast<const uint8_t*>(&c), 1)));
    }
    void add_file(const std::string& name, const std::string& content, uint32_t mode = 0644) {
        add(entry(name, S_IFREG | mode, content.size()), content);
    }
    void add_link(const std::string& name, const std::string& target) {
        add(entry(name, S_IFLNK | 0777, target.size()), target);
    }
    struct stat status_of(const std::string& name) {
        struct stat status{};
        EXPECT_EQ(lstat((folder_ + "/" + name).c_str(), &status), 0) << name;
        return status;
    }
    std::string read(const std::string& name) {
        return read_file(folder_ + "/" + name).value_or("none");
    }

    static std::string make_folder() {
        std::string folder = testing::TempDir() + "initramfs-XXXXXX";
        EXPECT_NE(mkdtemp(folder.data()), nullptr);
        return folder;
    }

    std::string folder_ = make_folder();
    InitramfsFiles files_{folder_};
    uint32_t inode_ = 0;
};

TEST_F(InitramfsFilesTest, are_made_with_their_contents_and_modes) {
    add(entry("usr", S_IFDIR | 0755));
    add(entry("usr/bin", S_IFDIR | 0750));
    add_file("usr/bin/tool", "#!/bin/sh\n", 0755);
    add_file("/absolute", "too");
    add_link("bin", "usr/bin");
    add(entry("pipe", S_IFIFO | 0600));
    EXPECT_EQ(status_of("usr/bin").st_mode, S_IFDIR | 0750U);
    EXPECT_EQ(status_of("usr/bin/tool").st_mode, S_IFREG | 0755U);
    EXPECT_EQ(read("bin/tool"), "#!/bin/sh\n");
    EXPECT_EQ(read("absolute"), "too");
    EXPECT_TRUE(S_ISLNK(status_of("bin").st_mode));
    EXPECT_TRUE(S_ISFIFO(status_of("pipe").st_mode));
    EXPECT_EQ(files_.made(), 6u);
}

TEST_F(InitramfsFilesTest, take_the_place_of_what_is_there_but_folders_stay) {
    add(entry("dev", S_IFDIR | 0755));
    add_file("dev/kept", "kept");
    add_file("init", "ours");
    add_link("link", "init");
    add(entry("TRAILER!!!", 0));
    add(entry("dev", S_IFDIR | 0700));
    add_file("init", "theirs", 0755);
    add_file("link", "a file now");
    EXPECT_EQ(read("dev/kept"), "kept");
    EXPECT_EQ(status_of("dev").st_mode & 0777, 0700U);
    EXPECT_EQ(read("init"), "theirs") << "not written through the link";
    EXPECT_EQ(read("link"), "a file now");
}

TEST_F(InitramfsFilesTest, with_several_names_are_one_whose_content_comes_last) {
    auto first = entry("a", S_IFREG | 0644), second = entry("b", S_IFREG | 0644, 4);
    first.links = second.links = 2;
    second.inode = first.inode;
    add(first);
    add(second, "both");
    EXPECT_EQ(read("a"), "both");
    EXPECT_EQ(status_of("a").st_ino, status_of("b").st_ino);
    add(entry("TRAILER!!!", 0));
    second.name = "c";
    add(second, "new!");
    EXPECT_EQ(read("a"), "both") << "another archive's numbers are other files";
}

TEST_F(InitramfsFilesTest, that_cannot_be_made_are_left_out) {
    add_file("no/such/folder", "lost");
    add_link("empty-link", "");
    add_file("after", "there");
    EXPECT_EQ(read("after"), "there");
    EXPECT_EQ(files_.made(), 1u);
}

}  // namespace
}  // namespace bootwire::init
