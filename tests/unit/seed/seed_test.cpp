#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "seed/ed25519.h"
#include "seed/identity.h"
#include "seed/ssh_host_key.h"

namespace bootwire::seed {
namespace {

std::string hex(Bytes bytes) {
    std::string text;
    for (const uint8_t byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        text += {digits[byte >> 4], digits[byte & 15]};
    }
    return text;
}

Ed25519Bytes of_hex(std::string_view digits) {
    Ed25519Bytes bytes{};
    for (size_t i = 0; i < 2 * bytes.size(); ++i) {
        const char c = digits[i];
        bytes[i / 2] =
            static_cast<uint8_t>(bytes[i / 2] << 4 | (c <= '9' ? c - '0' : c - 'a' + 10));
    }
    return bytes;
}

TEST(Ed25519, has_the_public_keys_of_rfc_8032) {
    struct Pair {
        const char* private_key;
        const char* public_key;
    };
    for (const Pair& pair : {
             Pair{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
             Pair{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
             Pair{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"},
         }) {
        EXPECT_EQ(hex(ed25519_public_key(of_hex(pair.private_key))), pair.public_key);
    }
}

TEST(Ed25519, is_right_for_many_keys) {
    Ed25519Bytes key{};
    for (int i = 0; i < 300; ++i)
        key = ed25519_public_key(key);
    // By another program, with numbers of any length.
    EXPECT_EQ(hex(key), "2a61c08593dadf110fa1034ebce3c650bfd9ecd464e98f9be28042676a1ca412");
}

TEST(SshHostKey, is_as_ssh_keygen_writes_it_but_for_the_numbers_that_are_random_there) {
    const SshHostKey key =
        ssh_host_key(of_hex("3e9e635e7ec99b1e63c54c960698d87f09b510903c17b74fc3899940b090dde3"),
                     "root@kiosk-abcdef");
    EXPECT_EQ(key.private_file,
              "-----BEGIN OPENSSH PRIVATE KEY-----\n"
              "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
              "QyNTUxOQAAACDBI0b3s22vEBFKcnmn6iKwZm6AiKykBGCKJx0mqR7JsgAAAJgAAAAAAAAA\n"
              "AAAAAAtzc2gtZWQyNTUxOQAAACDBI0b3s22vEBFKcnmn6iKwZm6AiKykBGCKJx0mqR7Jsg\n"
              "AAAEA+nmNefsmbHmPFTJYGmNh/CbUQkDwXt0/DiZlAsJDd48EjRvezba8QEUpyeafqIrBm\n"
              "boCIrKQEYIonHSapHsmyAAAAEXJvb3RAa2lvc2stYWJjZGVmAQIDBA==\n"
              "-----END OPENSSH PRIVATE KEY-----\n");
    EXPECT_EQ(key.public_file,
              "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMEjRvezba8QEUpyeafqIrBmboCIrKQEYIonHSapHsmy "
              "root@kiosk-abcdef\n");
}

TEST(SshHostKey, of_any_comment_fills_its_last_block) {
    for (size_t length = 0; length < 9; ++length) {
        const auto key = ssh_host_key({}, std::string(length, 'c'));
        EXPECT_TRUE(key.private_file.ends_with("-----END OPENSSH PRIVATE KEY-----\n"));
        EXPECT_TRUE(key.public_file.ends_with(" " + std::string(length, 'c') + "\n"));
    }
}

const Machine one{"10000000ABCDEF01", "iqn.2024-01.lan.home:golden", ""};
const Machine other{"10000000abcdef02", "iqn.2024-01.lan.home:golden", ""};

TEST(MachineId, is_the_same_at_each_boot_and_anothers_on_another_machine_or_disk) {
    EXPECT_EQ(machine_id(one), "ef8b642290254081bac48fad8f5c9b30") << "for ever";
    EXPECT_NE(machine_id(one), machine_id(other));
    EXPECT_NE(machine_id(one), machine_id({one.board, "iqn.2024-01.lan.home:other", ""}));
    EXPECT_NE(machine_id({"a", "bc", ""}), machine_id({"ab", "c", ""}));
    EXPECT_EQ(machine_id(one), machine_id({one.board, one.target, "name"}));
}

TEST(MachineId, is_a_uuid_of_version_4_as_systemd_makes_them) {
    const std::string id = machine_id(other);
    ASSERT_EQ(id.size(), 32u);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), id.npos);
    EXPECT_EQ(id[12], '4');
    EXPECT_TRUE(std::string_view("89ab").contains(id[16])) << id;
}

TEST(HostName, is_the_disks_with_the_end_of_the_boards_number) {
    EXPECT_EQ(host_name(one, "kiosk"), "kiosk-cdef01");
    EXPECT_EQ(host_name(one, "kiosk.lan"), "kiosk-cdef01");
    EXPECT_EQ(host_name(one, "kiosk-cdef01"), "kiosk-cdef01") << "once";
    EXPECT_EQ(host_name({"02:ab:CD:ef:01:99", "", ""}, "kiosk"), "kiosk-ef0199");
    EXPECT_EQ(host_name({"42", "", ""}, "kiosk"), "kiosk-42");
}

TEST(HostName, is_pi_where_the_disk_has_none_that_is_one) {
    for (const char* old : {"", "localhost", "localhost.localdomain", "a b", "# none", "-"})
        EXPECT_EQ(host_name(one, old), "pi-cdef01") << old;
}

TEST(HostName, is_no_longer_than_a_label_may_be) {
    const std::string longest(63, 'n');
    EXPECT_EQ(host_name(one, longest), std::string(56, 'n') + "-cdef01");
    EXPECT_EQ(host_name(one, std::string(56, 'n')), std::string(56, 'n') + "-cdef01");
}

TEST(HostName, that_somebody_gave_counts_more) {
    EXPECT_EQ(host_name({one.board, one.target, "desk-3.lan"}, "kiosk"), "desk-3.lan");
}

TEST(Hosts, have_the_new_name_at_loopback_addresses_alone) {
    EXPECT_EQ(hosts_with("127.0.0.1\tlocalhost\n127.0.1.1\tkiosk.lan kiosk # kiosk\n"
                         "192.168.1.5 kiosk\n\n::1  kiosk",
                         "kiosk", "kiosk-1"),
              "127.0.0.1\tlocalhost\n127.0.1.1\tkiosk.lan kiosk-1 # kiosk-1\n"
              "192.168.1.5 kiosk\n\n::1  kiosk-1");
}

TEST(Hosts, keep_localhost) {
    for (const char* old : {"", "localhost"})
        EXPECT_EQ(hosts_with("127.0.0.1 localhost\n", old, "pi-1"), "127.0.0.1 localhost\n");
}

TEST(SshPrivateKey, is_known_to_nobody_who_does_not_know_the_disks_own) {
    const auto key = ssh_private_key(one, "secret of the disk");
    EXPECT_EQ(key, ssh_private_key(one, "secret of the disk"));
    EXPECT_NE(key, ssh_private_key(one, "another secret"));
    EXPECT_NE(key, ssh_private_key(other, "secret of the disk"));
}

}  // namespace
}  // namespace bootwire::seed
