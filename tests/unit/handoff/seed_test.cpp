#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "handoff/os_seed.h"
#include "os/file.h"

namespace bootwire::handoff {
namespace {

namespace fs = std::filesystem;

const seed::Machine machine{"10000000abcdef01", "iqn.2024-01.lan.home:golden", ""};
const seed::Machine another{"10000000abcdef02", "iqn.2024-01.lan.home:golden", ""};

/// A root as an image has it.
class SeedTest : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/bootwire-test-XXXXXX";
        root_ = mkdtemp(name);
        fs::create_directories(root_ + "/etc/ssh");
        fs::create_directories(root_ + "/var/lib/dbus");
        put("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        put("/etc/hostname", "kiosk\n");
        put("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 kiosk\n");
        put("/etc/ssh/ssh_host_rsa_key", "of all copies\n");
        put("/etc/ssh/ssh_host_rsa_key.pub", "ssh-rsa AAAA\n");
        put("/etc/ssh/sshd_config", "# nothing\n");
    }
    void TearDown() override { fs::remove_all(root_); }

    void put(const std::string& path, const std::string& text) const {
        std::ofstream(root_ + path) << text;
    }
    std::string text(const std::string& path) const { return read_file(root_ + path).value_or(""); }
    unsigned mode(const std::string& path) const {
        struct stat status{};
        return lstat((root_ + path).c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
    }
    void seed_for(const seed::Machine& which) const {
        seed_root({"", root_, "", "", false}, which);
    }

    std::string root_;
};

constexpr char host_key[] = "/etc/ssh/ssh_host_ed25519_key";

TEST_F(SeedTest, gives_a_copy_names_and_a_key_of_its_own) {
    seed_for(machine);
    EXPECT_EQ(text("/etc/machine-id"), seed::machine_id(machine) + "\n");
    EXPECT_EQ(mode("/etc/machine-id"), 0444u);
    EXPECT_EQ(text("/etc/hostname"), "kiosk-cdef01\n");
    EXPECT_EQ(text("/etc/hosts"), "127.0.0.1 localhost\n127.0.1.1 kiosk-cdef01\n");
    EXPECT_TRUE(text(host_key).starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    EXPECT_EQ(mode(host_key), 0600u);
    EXPECT_TRUE(text(std::string(host_key) + ".pub").ends_with(" root@kiosk-cdef01\n"));
    EXPECT_EQ(mode("/etc/ssh/ssh_host_rsa_key"), 0u) << "all copies have it";
    EXPECT_EQ(mode("/etc/ssh/ssh_host_rsa_key.pub"), 0u);
    EXPECT_EQ(text("/etc/ssh/sshd_config"), "# nothing\n");
    EXPECT_FALSE(fs::exists(root_ + "/var/lib/dbus/machine-id")) << "there was none";
}

TEST_F(SeedTest, leaves_what_has_been_changed_since) {
    seed_for(machine);
    const std::string key = text(host_key);
    put("/etc/hostname", "mine\n");
    seed_for(machine);
    EXPECT_EQ(text("/etc/hostname"), "mine\n");
    EXPECT_EQ(text(host_key), key);
}

TEST_F(SeedTest, makes_the_same_of_the_same_image_and_another_key_for_another_machine) {
    fs::copy(root_, root_ + "-copy", fs::copy_options::recursive);
    seed_for(machine);
    seed_root({"", root_ + "-copy", "", "", false}, machine);
    EXPECT_EQ(read_file(root_ + "-copy" + host_key).value_or(""), text(host_key));
    fs::remove_all(root_ + "-copy");
    const std::string key = text(host_key);
    seed_for(another);
    EXPECT_NE(text(host_key), key);
    EXPECT_EQ(trim(text("/etc/machine-id")), seed::machine_id(another));
}

TEST_F(SeedTest, makes_no_key_where_the_system_has_none_and_will_make_its_own) {
    fs::remove_all(root_ + "/etc/ssh");
    seed_for(machine);
    EXPECT_FALSE(fs::exists(root_ + host_key));
    EXPECT_EQ(text("/etc/hostname"), "kiosk-cdef01\n");
}

TEST_F(SeedTest, follows_links_inside_the_root_alone) {
    fs::create_directories(root_ + "/data/ssh");
    fs::rename(root_ + "/etc/ssh", root_ + "/data/ssh");
    fs::create_directory_symlink("/data/ssh", root_ + "/etc/ssh");
    put("/var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n");
    fs::remove(root_ + "/etc/hostname");
    fs::create_symlink("/nowhere/hostname", root_ + "/etc/hostname");
    seed_for(machine);
    EXPECT_TRUE(fs::exists(root_ + "/data/ssh/ssh_host_ed25519_key"));
    EXPECT_FALSE(fs::exists(root_ + "/data/ssh/ssh_host_rsa_key"));
    EXPECT_EQ(trim(text("/var/lib/dbus/machine-id")), seed::machine_id(machine));
    EXPECT_EQ(text("/etc/hostname"), "pi-cdef01\n") << "in place of a link that leads nowhere";
}

}  // namespace
}  // namespace bootwire::handoff
