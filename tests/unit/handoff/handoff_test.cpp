#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "handoff/cover.h"
#include "handoff/in_root.h"
#include "handoff/mount.h"
#include "handoff/name_servers.h"
#include "handoff/os_network.h"
#include "handoff/os_patience.h"
#include "handoff/os_profile.h"
#include "handoff/pivot.h"
#include "handoff/prepare_os.h"
#include "programs.h"
#include "topics/topic.h"

namespace bootwire::handoff {
namespace {

namespace fs = std::filesystem;

const BootInterface boot_interface{{"eth0.5", "eth0"},
                                   {{0xdc, 0xa6, 0x32, 1, 2, 3}},
                                   {IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2)},
                                   {IpAddress::v4(10, 0, 0, 3)},
                                   "lan"};

TEST(DropIns, name_the_interfaces_to_every_manager) {
    for (const NewFile& file : drop_ins(boot_interface)) {
        EXPECT_TRUE(file.path.starts_with("/run/")) << file.path;
        EXPECT_FALSE(file.path.starts_with("/run/systemd/system/")) << "not without systemd";
        if (file.path.ends_with(".network")) {
            const bool named = file.content.find("Name=eth0.5 eth0\n") != std::string::npos;
            const char by_mac[] = "MACAddress=dc:a6:32:01:02:03\nType=ether\n";
            EXPECT_NE(named, file.content.find(by_mac) != std::string::npos);
            EXPECT_NE(file.content.find("Unmanaged=yes"), std::string::npos);
        }
        if (file.path.find("NetworkManager") != file.path.npos) {
            EXPECT_NE(file.content.find("interface-name:eth0;"), std::string::npos);
            EXPECT_NE(file.content.find("mac:dc:a6:32:01:02:03;"), std::string::npos);
        }
        if (file.path.ends_with(".link")) {
            EXPECT_NE(file.content.find("dc:a6:32:01:02:03"), std::string::npos);
        }
    }
}

TEST(DropIns, are_ready_for_name_servers_that_only_a_later_lease_brings) {
    BootInterface interface = boot_interface;
    interface.dns_servers.clear();
    const auto with_resolved = [&] {
        size_t count = 0;
        std::vector<NewFile> files = drop_ins(interface);
        const auto units = network_units(interface);
        files.insert(files.end(), units.begin(), units.end());
        for (const NewFile& file : files) {
            count += file.content.find("resolved") != std::string::npos ||
                     file.path.find("resolved") != std::string::npos;
            EXPECT_EQ(file.content.find("DNS=\n"), std::string::npos) << "would clear the list";
        }
        return count;
    };
    EXPECT_EQ(with_resolved(), 0u);
    interface.leased = true;
    EXPECT_EQ(with_resolved(), 4u);
}

TEST(DropIns, keep_no_program_waiting_for_a_network_that_is_there) {
    std::string units;
    for (const NewFile& file : network_units(boot_interface)) {
        EXPECT_TRUE(file.path.starts_with("/run/systemd/system/")) << file.path;
        if (file.path.find("wait-online") == file.path.npos) continue;
        units += file.path + "\n";
        const std::string name = file.path.substr(file.path.rfind('/') + 1);
        EXPECT_GT(name, "wait-for-only-one-interface.conf") << "the last drop-in by name counts";
        EXPECT_NE(file.content.find("ExecStart=\nExecStart=/bin/true\n"), file.content.npos);
    }
    for (const char* unit : {"systemd-networkd-wait-online", "systemd-networkd-wait-online@eth0.5",
                             "ifupdown-wait-online"}) {
        EXPECT_NE(units.find("/" + std::string(unit) + ".service.d/"), units.npos) << unit;
    }
}

TEST(DropIns, have_later_name_servers_read_by_who_hands_them_on) {
    std::string all;
    for (const NewFile& file : network_units(boot_interface))
        all += file.path + "\n" + file.content;
    EXPECT_NE(all.find("PathChanged=/run/systemd/resolved.conf.d/bootwire.conf\n"), all.npos);
    EXPECT_NE(all.find("PathChanged=/run/resolvconf/interface/eth0.5.bootwire\n"), all.npos);
    EXPECT_NE(all.find("/resolvconf.service.d/bootwire.conf\n"), all.npos);
    EXPECT_NE(all.find("Wants=bootwire-resolvconf.path\n"), all.npos);
}

TEST(DropIns, have_different_names_and_let_systemds_services_wait_for_the_disk) {
    std::vector<std::string> paths;
    std::string all;
    for (const auto& files : {network_units(boot_interface), service_watchdogs()}) {
        for (const NewFile& file : files) {
            paths.push_back(file.path);
            all += file.path + "\n" + file.content;
        }
    }
    std::ranges::sort(paths);
    EXPECT_EQ(std::ranges::adjacent_find(paths), paths.end());
    for (const char* service : {"journald", "logind", "udevd", "networkd"}) {
        EXPECT_NE(all.find("/systemd-" + std::string(service) + ".service.d/"), all.npos);
    }
    EXPECT_NE(all.find("WatchdogSec=0\n"), all.npos);
}

TEST(Cover, has_a_unit_that_a_soft_reboot_does_not_end) {
    const auto unit = mount_unit("/etc/network/interfaces.d/50-cloud%");
    ASSERT_TRUE(unit);
    EXPECT_EQ(unit->path, "/run/systemd/system/etc-network-interfaces.d-50\\x2dcloud\\x25.mount");
    EXPECT_NE(unit->content.find("DefaultDependencies=no\n"), std::string::npos);
    EXPECT_NE(unit->content.find("What=/run/bootwire/covers/_etc_network_interfaces.d_50-cloud%%\n"
                                 "Where=/etc/network/interfaces.d/50-cloud%%\n"),
              std::string::npos);
    EXPECT_EQ(mount_unit("/.a/.b")->path, "/run/systemd/system/\\x2ea-.b.mount");
}

TEST(Cover, has_no_unit_where_the_path_would_be_lines_of_their_own) {
    for (const char* path : {"/etc/a\nExecStart=/bin/sh", "/etc/a\t", "/etc/a ", "/etc/a\\",
                             "/etc/a\x7f", "", "etc/a"}) {
        EXPECT_FALSE(mount_unit(path)) << path;
    }
    EXPECT_TRUE(mount_unit("/etc/a b"));
}

TEST(DhcpcdConf, denies_the_interfaces_before_any_block) {
    const std::string text = dhcpcd_conf_denying("interface eth0\nstatic ip_address=1\n", {"eth0"});
    EXPECT_LT(text.find("denyinterfaces eth0\n"), text.find("interface eth0\nstatic"));
}

TEST(DhcpcdConf, waits_for_no_address) {
    const std::string text =
        dhcpcd_conf_denying("hostname\n  waitip 4\nwaitips\n# waitip\n", {"eth0"});
    EXPECT_TRUE(text.ends_with("eth0\nhostname\n#  waitip 4\nwaitips\n# waitip\n")) << text;
}

TEST(DhcpcdUnit, goes_to_the_background_where_it_would_wait) {
    const auto text = dhcpcd_unit_not_waiting(
        "[Service]\nExecStart=\nExecStart=/usr/lib/dhcpcd5/dhcpcd -q -w -t 5\nUser=-w -w\n");
    ASSERT_TRUE(text) << "raspi-config's wait.conf";
    EXPECT_EQ(*text, std::string(cover_note) +
                         "[Service]\nExecStart=\nExecStart=/usr/lib/dhcpcd5/dhcpcd -q -b -t 5\n"
                         "User=-w -w\n");
    EXPECT_TRUE(dhcpcd_unit_not_waiting("ExecStart=/sbin/dhcpcd --waitip"));
    EXPECT_FALSE(dhcpcd_unit_not_waiting("[Service]\nExecStart=/sbin/dhcpcd -q -b\n"));
    EXPECT_FALSE(dhcpcd_unit_not_waiting("[Service]\nExecStart=/bin/other -w\n"));
}

TEST(ConnmanConf, leaves_the_interfaces_and_what_it_left_before) {
    const auto line = [](std::string_view conf, bool is_main) {
        const auto text = connman_conf_without(conf, is_main, {"eth0.5", "eth0"});
        if (!text) return std::string("none");
        EXPECT_TRUE(text->starts_with(std::string(cover_note).append(conf)));
        return text->substr(text->rfind("\n[General]\n") + 1);
    };
    const std::string key = "[General]\nNetworkInterfaceBlacklist=";
    EXPECT_EQ(line("", true), key + "vmnet,vboxnet,virbr,ifb,ve-,vb-,eth0.5,eth0\n");
    EXPECT_EQ(line("[General]\n# NetworkInterfaceBlacklist = a\n", true),
              key + "vmnet,vboxnet,virbr,ifb,ve-,vb-,eth0.5,eth0\n");
    const std::string_view twice =
        "[General]\nNetworkInterfaceBlacklist=a\n NetworkInterfaceBlacklist = b,c \n";
    EXPECT_EQ(line(twice, true), key + "b,c,eth0.5,eth0\n");
    EXPECT_EQ(line("[General]\nNetworkInterfaceBlacklist=\n", true), key + "eth0.5,eth0\n");
    EXPECT_EQ(line("[General]\nNetworkInterfaceBlacklist=a\n", false), key + "a,eth0.5,eth0\n");
    EXPECT_EQ(line("[General]\nAllowHostnameUpdates=false\n", false), "none");
}

/// What PATH is after a login shell has read it.
std::string path_after(const std::string& profile) {
    const std::string script = testing::TempDir() + "profile-" + std::to_string(getpid());
    std::ofstream(script) << "PATH=/bin:/usr/bin\n" << profile << "\necho \"$PATH\"\n";
    FILE* const shell = popen(("/bin/sh " + script).c_str(), "r");
    char line[256] = "";
    EXPECT_NE(std::fgets(line, sizeof line, shell), nullptr);
    EXPECT_EQ(pclose(shell), 0);
    fs::remove(script);
    return std::string(trim(line));
}

TEST(Profile, has_our_programs_in_path_once_and_last) {
    const std::string ours = programs_in_run;
    EXPECT_EQ(path_after(profile_with_programs("")), "/bin:/usr/bin:" + ours);
    EXPECT_EQ(path_after(profile_with_programs("PATH=/sbin:/bin\nexport PATH")),
              "/sbin:/bin:" + ours)
        << "whatever it sets by itself";
    const std::string twice = profile_with_programs(profile_with_programs("PATH=/bin\n"));
    EXPECT_EQ(path_after(twice), "/bin:" + ours);
    EXPECT_TRUE(twice.starts_with(cover_note));
}

TEST(ResolvConf, has_at_most_three_servers) {
    BootInterface interface = boot_interface;
    for (uint8_t i = 3; i < 8; ++i)
        interface.dns_servers.push_back(IpAddress::v4(10, 0, 0, i));
    const std::string text = resolv_conf(interface);
    EXPECT_NE(text.find("search lan\nnameserver 10.0.0.1\n"), text.npos);
    EXPECT_EQ(text.find("10.0.0.4"), text.npos);
}

TEST(MountOptions, are_split_into_flags_and_data) {
    const MountOptions options = parse_mount_options("noatime,compress=zstd,ro,,subvol=@,rw");
    EXPECT_EQ(options.flags, static_cast<unsigned long>(MS_NOATIME));
    EXPECT_EQ(options.data, "compress=zstd,subvol=@");
}

class Root : public testing::Test {
  protected:
    Root() {
        char name[] = "/tmp/bootwire-test-XXXXXX";
        root_ = mkdtemp(name);
    }
    ~Root() override { fs::remove_all(root_); }
    void write(const std::string& path, const std::string& content, unsigned mode = 0755) {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path, std::ios::binary) << content;
        chmod((root_ + path).c_str(), mode);
    }
    std::string root_;
};

/// The new root stands in for /run.
class Run : public Root {
  protected:
    Run() {
        write(covered_resolv_conf, resolv_conf(boot_interface), 0644);
        write(resolved_file, resolved_conf(boot_interface), 0644);
        later_.dns_servers = {IpAddress::v4(10, 0, 0, 9)};
    }
    Status change() {
        return change_name_servers(Fd(open(root_.c_str(), O_PATH | O_DIRECTORY)), later_);
    }
    std::string read(const std::string& path) const {
        std::ifstream file(root_ + path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static constexpr char covered_resolv_conf[] = "/bootwire/covers/_etc_resolv.conf";
    static constexpr char resolvconf_record[] = "/resolvconf/interface/eth0.5.bootwire";
    static constexpr char resolved_file[] = "/systemd/resolved.conf.d/bootwire.conf";
    BootInterface later_ = boot_interface;
};

TEST_F(Run, gets_the_name_servers_of_a_later_lease) {
    const std::string before = read(covered_resolv_conf);
    std::ifstream same_file(root_ + covered_resolv_conf);  // as a bind mount holds it
    ASSERT_TRUE(change());
    const std::string text{std::istreambuf_iterator<char>(same_file), {}};
    EXPECT_NE(text.find("search lan\nnameserver 10.0.0.9\n"), text.npos);
    EXPECT_EQ(text.find("10.0.0.1"), text.npos);
    EXPECT_EQ(text.size(), before.size()) << "never shorter for a moment";
    EXPECT_NE(read(resolved_file).find("DNS=10.0.0.9\n"), std::string::npos);
    EXPECT_FALSE(fs::exists(root_ + resolvconf_record)) << "nobody there reads it";
    later_.dns_servers = boot_interface.dns_servers;
    ASSERT_TRUE(change());
    EXPECT_EQ(read(covered_resolv_conf), before);
}

TEST_F(Run, has_later_name_servers_for_resolvconf) {
    write(resolvconf_record, resolv_conf(boot_interface), 0644);
    fs::remove(root_ + covered_resolv_conf);
    ASSERT_TRUE(change());
    EXPECT_EQ(read(resolvconf_record), resolv_conf(later_));
    EXPECT_FALSE(fs::exists(root_ + covered_resolv_conf));
}

TEST_F(Run, gets_name_servers_that_were_not_known_at_first_and_another_domain) {
    BootInterface nothing = boot_interface;
    nothing.dns_servers.clear();
    nothing.search_domain.clear();
    write(covered_resolv_conf, resolv_conf(nothing), 0644);
    write(resolved_file, resolved_conf(nothing), 0644);
    later_.search_domain = "home";
    ASSERT_TRUE(change());
    EXPECT_NE(read(covered_resolv_conf).find("search home\nnameserver 10.0.0.9\n"),
              std::string::npos);
    EXPECT_NE(read(resolved_file).find("DNS=10.0.0.9\nDomains=home\n"), std::string::npos);
}

TEST_F(Run, keeps_what_another_program_has_made_its_own) {
    write(covered_resolv_conf, "nameserver 127.0.0.1\n", 0644);
    fs::remove(root_ + resolved_file);
    ASSERT_TRUE(change());
    EXPECT_EQ(read(covered_resolv_conf), "nameserver 127.0.0.1\n");
    EXPECT_FALSE(fs::exists(root_ + resolved_file)) << "nobody there reads it";
}

TEST_F(Root, has_real_paths_without_links) {
    write("/usr/share/there", "");
    fs::create_symlink("/usr", root_ + "/link");
    EXPECT_EQ(real_path_in_root(root_, "/link/share/there"), "/usr/share/there");
    EXPECT_EQ(real_path_in_root(root_, "/link/share/not"), "");
}

TEST_F(Root, finds_init_through_links_that_are_absolute_inside_it) {
    write("/lib/systemd/systemd", elf_header(183));
    fs::create_directories(root_ + "/sbin");
    fs::create_symlink("/lib/systemd/systemd", root_ + "/sbin/init");
    EXPECT_EQ(*find_init(root_, ""), "/sbin/init");
}

TEST_F(Root, lacks_the_folders_that_neither_are_there_nor_are_links_to_some) {
    const auto missing = [&] { return join(missing_folders(root_), " "); };
    EXPECT_EQ(missing(), "/dev /proc /sys /run");
    fs::create_directories(root_ + "/dev");
    fs::create_directories(root_ + "/var/run");
    fs::create_symlink("/var/run", root_ + "/run");
    fs::create_symlink("/nowhere", root_ + "/sys");
    EXPECT_EQ(missing(), "/proc /sys");
}

TEST_F(Root, leads_to_systemd_where_its_init_or_a_first_boot_script_does) {
    write("/lib/systemd/systemd", elf_header(183));
    write("/usr/lib/firstboot", "#!/bin/sh\n");
    fs::create_directories(root_ + "/sbin");
    EXPECT_TRUE(leads_to_systemd(root_, "/usr/lib/firstboot")) << "no /sbin/init: it may know";
    fs::create_symlink("/lib/systemd/systemd", root_ + "/sbin/init");
    EXPECT_TRUE(leads_to_systemd(root_, "/sbin/init"));
    EXPECT_TRUE(leads_to_systemd(root_, "/usr/lib/firstboot"));
}

TEST_F(Root, does_not_lead_to_a_systemd_that_is_only_installed) {
    write("/lib/systemd/systemd", elf_header(183));
    write("/sbin/init", elf_header(183));
    write("/usr/lib/firstboot", "#!/bin/sh\n");
    EXPECT_FALSE(leads_to_systemd(root_, "/sbin/init"));
    EXPECT_FALSE(leads_to_systemd(root_, "/usr/lib/firstboot"));
    EXPECT_TRUE(leads_to_systemd(root_, "/lib/systemd/systemd")) << "asked for";
}

TEST_F(Root, ends_without_asking_where_its_init_has_the_last_word) {
    write("/bin/busybox", elf_header(183));
    write("/lib/systemd/systemd", elf_header(183));
    write("/usr/lib/firstboot", "#!/bin/sh\n");
    fs::create_directories(root_ + "/sbin");
    fs::create_symlink("/bin/busybox", root_ + "/sbin/init");
    EXPECT_TRUE(ends_without_asking(root_, "/sbin/init"));
    EXPECT_FALSE(ends_without_asking(root_, "/lib/systemd/systemd"));
    EXPECT_FALSE(ends_without_asking(root_, "/usr/lib/firstboot")) << "who knows what comes of it";
    write("/etc/init.d/rc", "#!/bin/sh\n");
    EXPECT_FALSE(ends_without_asking(root_, "/sbin/init")) << "Debian's scripts start ours";
}

TEST_F(Root, falls_back_to_the_other_places_of_init) {
    write("/bin/sh", elf_header(183));
    EXPECT_EQ(*find_init(root_, ""), "/bin/sh");
}

TEST_F(Root, that_has_no_init_is_told_apart_by_what_it_has_instead) {
    const auto error = [&] { return find_init(root_, "").error(); };
    fs::create_directories(root_ + "/home");
    EXPECT_EQ(error().what, "the root disk has no /sbin/init");
    write("/Image", "kernel");
    EXPECT_TRUE(error().what.contains("a kernel and no system: /Image")) << error().what;
    write("/root/usr/sbin/init", elf_header(183));
    fs::create_symlink("/usr/sbin", root_ + "/root/sbin");
    EXPECT_EQ(error().what, "the root disk has no /sbin/init, but one in root");
    EXPECT_TRUE(error().hint.contains("rootflags=subvol=root")) << error().hint;
    EXPECT_EQ(error().topic, Topic::no_init);
}

TEST_F(Root, says_what_init_cannot_start_without) {
    const auto wrong_with_init = [&] {
        const auto found = find_init(root_, "");
        return found ? "" : found.error().what;
    };
    write("/sbin/init", "#! /usr/bin/python3 -u\n");
    EXPECT_EQ(wrong_with_init(),
              "/sbin/init on the root disk needs /usr/bin/python3, which is not there");
    write("/usr/bin/python3", dynamic_program("/lib/ld-linux-aarch64.so.1"));
    EXPECT_EQ(
        wrong_with_init(),
        "/usr/bin/python3 on the root disk needs /lib/ld-linux-aarch64.so.1, which is not there");
    write("/lib/ld-linux-aarch64.so.1", elf_header(183));
    EXPECT_EQ(wrong_with_init(), "");
    write("/sbin/init", "#!/sbin/init\n");
    EXPECT_EQ(wrong_with_init(), "") << "what leads in a circle ends";
}

TEST_F(Root, says_what_is_wrong_with_an_init_that_is_there) {
    write("/sbin/init", elf_header(62));
    write("/bin/sh", elf_header(183));
    ASSERT_FALSE(find_init(root_, ""));
    write("/sbin/init", elf_header(183), 0644);
    ASSERT_FALSE(find_init(root_, ""));
    EXPECT_NE(find_init(root_, "").error().what.find("executable"), std::string::npos);
    EXPECT_EQ(find_init(root_, "").error().topic, Topic::no_init);
    EXPECT_FALSE(find_init(root_, "/no/such/program"));
}

}  // namespace
}  // namespace bootwire::handoff
