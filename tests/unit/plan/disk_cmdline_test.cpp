#include "plan/disk_cmdline.h"

#include <gtest/gtest.h>

namespace bootwire::plan {
namespace {

constexpr char raspberry_pi_os[] =
    "console=serial0,115200 console=tty1 root=PARTUUID=1a2b3c4d-02 rootfstype=ext4 fsck.repair=yes "
    "rootwait quiet init=/usr/lib/raspberrypi-sys-mods/firstboot\n";

std::string merged(std::string_view disk, std::string_view running,
                   const MergeChanges& changes = {}) {
    return merge_command_lines(read_disk_cmdline(disk), CommandLine::parse(running), changes).text;
}

TEST(DiskCommandLine, of_raspberry_pi_os_is_understood) {
    const auto disk = read_disk_cmdline(raspberry_pi_os);
    EXPECT_EQ(disk.root, "PARTUUID=1a2b3c4d-02");
    EXPECT_EQ(disk.init, "/usr/lib/raspberrypi-sys-mods/firstboot");
    EXPECT_FALSE(disk.read_only);
    EXPECT_FALSE(disk.resize);
    EXPECT_FALSE(disk.further_lines);
}

TEST(DiskCommandLine, knows_resize_flags_and_the_last_of_ro_and_rw) {
    const auto disk = read_disk_cmdline("rw rootflags=subvol=@,noatime ro resize");
    EXPECT_TRUE(disk.resize);
    EXPECT_EQ(disk.root_flags, "subvol=@,noatime");
    EXPECT_EQ(disk.read_only, true);
    EXPECT_FALSE(read_disk_cmdline("resize=no x.resize").resize);
}

TEST(DiskCommandLine, is_the_first_line_that_is_not_blank) {
    const auto disk =
        read_disk_cmdline("\xef\xbb\xbf\r\n  root=/dev/sda2 ro\r\nroot=/dev/sda3\r\n");
    EXPECT_EQ(disk.root, "/dev/sda2");
    EXPECT_TRUE(disk.further_lines);
    EXPECT_EQ(read_disk_cmdline("").root, "");
    EXPECT_EQ(read_disk_cmdline(std::string_view("\0root=1", 7)).root, "");
}

TEST(DiskCommandLine, may_ask_for_an_overlay_instead_of_being_written_to) {
    for (const std::string word : {"overlayroot=tmpfs", "overlayroot=tmpfs:swap=1,recurse=0",
                                   "overlayroot=device:dev=/dev/sdb", "boot=overlay",
                                   "overlaytmpfs=yes", "systemd.volatile=overlay", "rd.overlay"}) {
        EXPECT_EQ(read_disk_cmdline("root=/dev/sda2 " + word + " rootwait").overlay, word);
    }
    for (const char* line :
         {"overlayroot=", "overlayroot=disabled", "overlayroot=tmpfs overlayroot=disabled",
          "overlayroot", "boot=local", "boot=UUID=1 disk=UUID=2", "systemd.volatile=no",
          "xoverlayroot=tmpfs", "-- overlayroot=tmpfs"}) {
        EXPECT_EQ(read_disk_cmdline(line).overlay, "") << line;
    }
}

TEST(DiskCommandLine, may_ask_for_what_only_its_initramfs_can_do) {
    for (const std::string word : {"boot=live", "boot=casper"})
        EXPECT_EQ(read_disk_cmdline("root=/dev/sda2 " + word).initramfs, word);
    for (const std::string name : {"cryptdevice", "cryptroot", "rd.luks.uuid", "rd.luks.name",
                                   "rd.lvm.lv", "rd.lvm.vg", "rd.md.uuid", "modloop"}) {
        EXPECT_EQ(read_disk_cmdline(name + "=x:y root=UUID=1").initramfs, name);
        EXPECT_EQ(read_disk_cmdline(name + "=x:y root=UUID=1").overlay, "");
    }
    for (const char* line : {"root=/dev/mapper/vg-root", "boot=local", "overlayroot=tmpfs",
                             "-- rd.lvm.lv=x", "xrd.lvm.lv=x"}) {
        EXPECT_EQ(read_disk_cmdline(line).initramfs, "") << line;
    }
}

TEST(ShownCommandLine, has_no_secret_quoted_or_not) {
    for (const char* secret :
         {"ISCSI_PASSWORD=MARKER", "ISCSI_PASSWORD=\"MARKER MARKER\"",
          "\"ISCSI_PASSWORD=MARKER MARKER\"", "rd.iscsi.in.password=\"MARKER MARKER",
          "rd.iscsi.password=\"x y\"MARKER", "netroot=iscsi:pi:\"MARKER MARKER\"@10.0.0.1::::a",
          "wifi.psk=\"MARKER MARKER\"", "a -- b.secret=\"MARKER MARKER\""}) {
        const std::string shown = without_secrets("ro " + std::string(secret));
        EXPECT_EQ(shown.find("MARKER"), shown.npos) << shown;
        EXPECT_TRUE(shown.starts_with("ro ")) << shown;
        EXPECT_TRUE(shown.ends_with("=*")) << shown;
    }
}

TEST(ShownCommandLine, has_everything_else_as_it_stands) {
    for (const char* line : {"root=/dev/sda2 ro dyndbg=\"file a.c +p\" \"b=c d\" quiet", "a -- b c",
                             "-- b", "password netroots=1", ""}) {
        EXPECT_EQ(without_secrets(line), line);
    }
}

TEST(DiskCommandLine, may_get_words_before_it_of_which_the_last_counts) {
    auto disk = read_disk_cmdline("\n\nroot=/dev/sda2 quiet ro -- single\n");
    disk.line.prepend(CommandLine::parse("snd.a=0 coherent_pool=1M snd.a=1 quiet rw snd.a=0 -- x"));
    EXPECT_EQ(merge_command_lines(disk, CommandLine::parse(""), {}).text,
              "coherent_pool=1M snd.a=1 rw snd.a=0 root=/dev/sda2 quiet ro -- single\n");
    EXPECT_EQ(disk.root, "/dev/sda2");
    std::string many;
    for (size_t i = 0; i < CommandLine::max_words; ++i)
        many += " w" + std::to_string(i);
    disk.line.prepend(CommandLine::parse(many));
    EXPECT_EQ(disk.line.words().size() + 1, CommandLine::max_words);
    EXPECT_TRUE(disk.line.cut());
}

TEST(MergedCommandLine, is_the_disks_with_the_running_kernels_console_and_words) {
    EXPECT_EQ(merged(raspberry_pi_os,
                     "console=ttyAMA0,115200 iscsi.ip=10.0.0.1 iscsi.mode=pivot vc_mem.mem_size=1"),
              "root=PARTUUID=1a2b3c4d-02 rootfstype=ext4 fsck.repair=yes rootwait quiet "
              "init=/usr/lib/raspberrypi-sys-mods/firstboot console=ttyAMA0,115200 "
              "iscsi.ip=10.0.0.1 iscsi.mode=pivot vc_mem.mem_size=1\n");
}

TEST(MergedCommandLine, keeps_the_disks_consoles_if_the_running_kernel_has_none) {
    EXPECT_EQ(merged("console=serial0,115200 console=tty1 ro", "a=1"), "console=tty1 ro a=1\n");
}

TEST(MergedCommandLine, has_no_secret_of_either_side) {
    EXPECT_EQ(merged("wifi.psk=MARKER \"rd.iscsi.password=MARKER x\" ro -- a.secret=MARKER b",
                     "iscsi.username=pi iscsi.password=MARKER iscsi.mutual.password=\"MARKER y\""),
              "ro iscsi.username=pi -- b\n");
}

TEST(MergedCommandLine, leaves_the_boot_interface_and_the_start_to_the_disk) {
    EXPECT_EQ(merged("root=/dev/mmcblk0p2",
                     "root=/dev/ram0 rootwait ro rw init=/init rdinit=/x initrd=1 resize maxcpus=1 "
                     "ip=dhcp vlan=5 dns=1.1.1.1 nameserver=1.1.1.1 rootfstype=ext4 rootflags=a"),
              "root=/dev/mmcblk0p2\n");
}

TEST(MergedCommandLine, has_the_root_and_init_that_were_chosen_instead) {
    EXPECT_EQ(merged("root=/dev/sda2 init=/a ro", "", {"PARTUUID=1a2b3c4d-03", "/bin/sh"}),
              "root=PARTUUID=1a2b3c4d-03 init=/bin/sh ro\n");
    EXPECT_EQ(merged("", "", {"PARTUUID=1a2b3c4d-02", ""}), "root=PARTUUID=1a2b3c4d-02\n");
    EXPECT_EQ(merged("root=/dev/sda2", "", {"a b", "\"x"}), "root=/dev/sda2\n")
        << "what isn't one word is not put in";
}

TEST(MergedCommandLine, has_a_root_of_up_to_512_characters_instead) {
    const std::string longest(512, 'x');
    EXPECT_EQ(merged("root=/dev/sda2", "", {longest, ""}), "root=" + longest + "\n");
    EXPECT_EQ(merged("root=/dev/sda2", "", {longest + "x", ""}), "root=/dev/sda2\n");
    for (const char wrong : {' ', '\t', '\n', '\x7f', '"'})
        EXPECT_EQ(merged("root=/dev/sda2", "", {"a" + std::string(1, wrong) + "b", ""}),
                  "root=/dev/sda2\n")
            << int{wrong};
}

TEST(MergedCommandLine, has_the_mount_options_that_were_asked_for_instead) {
    MergeChanges changes;
    changes.root_flags = "subvol=root,noatime";
    EXPECT_EQ(merged("root=UUID=1 rootflags=subvol=@ ro", "rootflags=subvol=root,noatime", changes),
              "rootflags=subvol=root,noatime root=UUID=1 ro\n");
    changes.root_flags = "a b";
    EXPECT_EQ(merged("rootflags=subvol=@ ro", "", changes), "rootflags=subvol=@ ro\n");
}

TEST(MergedCommandLine, has_each_word_once_and_inits_arguments_last) {
    EXPECT_EQ(merged("quiet a=1 -- x x", "a=1 quiet b -- y"), "quiet a=1 b -- x x\n");
}

TEST(MergedCommandLine,
     has_added_words_unless_the_disk_has_them_and_instead_of_the_running_kernels) {
    MergeChanges changes;
    changes.additions = {"ip=dhcp", "BOOTIF=01-2", "iscsi.mode=pivot"};
    EXPECT_EQ(merged("ro -- x", "iscsi.mode=kexec iscsi.ip=1.2.3.4 a", changes),
              "ro ip=dhcp BOOTIF=01-2 iscsi.mode=pivot iscsi.ip=1.2.3.4 a -- x\n");
    EXPECT_EQ(merged("ip=off ro", "", changes), "ip=off ro BOOTIF=01-2 iscsi.mode=pivot\n");
    changes.additions_win = true;
    EXPECT_EQ(merged("ip=off iscsi.mode=kexec ro", "", changes),
              "ro ip=dhcp BOOTIF=01-2 iscsi.mode=pivot\n")
        << "the disk's words must not send our own init into kexec again";
    changes = {};
    changes.keep_our_names = false;
    EXPECT_EQ(merged("ro", "iscsi.ip=1.2.3.4 a bootwire.log=x", changes), "ro a\n");
}

TEST(MergedCommandLine, is_as_short_as_it_has_to_be) {
    MergeChanges changes;
    changes.max_length = 20;
    changes.additions = {"b=" + std::string(20, 'x'), "c"};
    const auto result = merge_command_lines(read_disk_cmdline("root=/dev/sda2"), {}, changes);
    EXPECT_EQ(result.text, "root=/dev/sda2 c\n");
    EXPECT_EQ(result.left_out.size(), 1u);
}

TEST(MergedCommandLine, closes_quotations_that_the_disk_left_open) {
    const std::string text = merged("a=\"b c", "d=1");
    EXPECT_EQ(text, "a=\"b c\" d=1\n");
    EXPECT_EQ(CommandLine::parse(text).value("d"), "1");
}

TEST(MergedCommandLine, is_bounded_and_says_what_has_no_room) {
    const std::string disk = "root=/dev/sda2 " + std::string(4000, 'x') + " -- last";
    const auto result = merge_command_lines(
        read_disk_cmdline(disk), CommandLine::parse("small=1 big=" + std::string(200, 'y')), {});
    EXPECT_LE(result.text.size(), max_merged_length);
    EXPECT_TRUE(result.text.ends_with(" small=1 -- last\n"));
    ASSERT_EQ(result.left_out.size(), 1u);
    EXPECT_TRUE(result.left_out.front().starts_with("big="));
}

}  // namespace
}  // namespace bootwire::plan
