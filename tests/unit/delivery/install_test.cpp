#include "delivery/install.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "delivery/image.h"
#include "delivery/place.h"
#include "os/file.h"

namespace bootwire::delivery {
namespace {

/// A folder with modules, in a folder of its own.
struct Folder {
    std::string path;

    Folder() {
        char name[] = "/tmp/bootwire-delivery-XXXXXX";
        path = mkdtemp(name);
        EXPECT_TRUE(make_directories(path + "/from/kernel/fs"));
        EXPECT_TRUE(replace_file(path + "/from/modules.dep", "kernel/fs/a.ko.xz:\n"));
        EXPECT_TRUE(replace_file(path + "/from/kernel/fs/a.ko.xz", "code"));
        EXPECT_EQ(symlink("fs/a.ko.xz", (path + "/from/kernel/link").c_str()), 0);
    }
    ~Folder() { (void)!system(("rm -rf " + path).c_str()); }

    Status copy() const {
        return copy_folder(path + "/from", path + "/to/7.3", [] {});
    }
};

TEST(Installing, copies_all_of_the_folder_and_leaves_nothing_else) {
    const Folder folder;
    ASSERT_TRUE(make_directories(folder.path + "/to"));
    const auto done = folder.copy();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(read_file(folder.path + "/to/7.3/kernel/fs/a.ko.xz"), "code");
    EXPECT_EQ(read_file(folder.path + "/to/7.3/kernel/link"), "code");
    EXPECT_EQ(access((folder.path + "/to/.7.3.new").c_str(), F_OK), -1);
}

TEST(Installing, puts_them_in_place_of_an_empty_folder_and_of_half_a_copy) {
    const Folder folder;
    ASSERT_TRUE(make_directories(folder.path + "/to/7.3"));
    ASSERT_TRUE(make_directories(folder.path + "/to/.7.3.new/kernel/fs"));
    ASSERT_TRUE(replace_file(folder.path + "/to/.7.3.new/kernel/fs/a.ko.xz", "hal"));
    const auto done = folder.copy();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(read_file(folder.path + "/to/7.3/kernel/fs/a.ko.xz"), "code");
}

TEST(Installing, takes_the_place_of_no_other_modules) {
    const Folder folder;
    ASSERT_TRUE(make_directories(folder.path + "/to/7.3"));
    ASSERT_TRUE(replace_file(folder.path + "/to/7.3/modules.dep", "theirs"));
    EXPECT_FALSE(folder.copy());
    EXPECT_EQ(read_file(folder.path + "/to/7.3/modules.dep"), "theirs");
    EXPECT_EQ(access((folder.path + "/to/.7.3.new").c_str(), F_OK), -1) << "nothing stays behind";
}

TEST(Image, is_known_by_its_sum) {
    auto image = Image::make();
    ASSERT_TRUE(image);
    EXPECT_FALSE(image->is("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        << "nothing is no file";
    ASSERT_TRUE(image->append(bytes_of("ab")));
    ASSERT_TRUE(image->append(bytes_of("c")));
    EXPECT_EQ(image->size(), 3u);
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_TRUE(image->is(abc));
    image->clear();
    ASSERT_TRUE(image->append(bytes_of("abd")));
    EXPECT_FALSE(image->is(abc));
}

TEST(Root, has_modules_for_a_kernel_if_it_has_their_table) {
    const Folder folder;
    EXPECT_FALSE(has_modules(folder.path, "7.3"));
    ASSERT_TRUE(make_directories(folder.path + "/usr/lib/modules/7.3"));
    ASSERT_EQ(symlink("/usr/lib", (folder.path + "/lib").c_str()), 0);
    EXPECT_FALSE(has_modules(folder.path, "7.3")) << "an empty folder";
    ASSERT_TRUE(replace_file(folder.path + "/usr/lib/modules/7.3/modules.dep", ""));
    EXPECT_TRUE(has_modules(folder.path, "7.3"));
    EXPECT_FALSE(has_modules(folder.path, "7.4"));
}

}  // namespace
}  // namespace bootwire::delivery
