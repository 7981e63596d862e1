#include "iscsi_initiator/root_path.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

TEST(RootPath, of_the_rfc_is_read) {
    const auto path = parse_root_path("iscsi:192.168.1.5:6:3261:a:iqn.2001-04.com.example:disk:1");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->address(), IpAddress::v4(192, 168, 1, 5));
    EXPECT_EQ(path->port, 3261);
    EXPECT_EQ(path->lun.number(), 10u);
    EXPECT_TRUE(path->lun_given);
    EXPECT_EQ(path->target, "iqn.2001-04.com.example:disk:1");
    EXPECT_FALSE(path->chap);
}

TEST(RootPath, takes_defaults_for_empty_pieces) {
    const auto path = parse_root_path("iscsi:disks.example::::iqn.2001-04.com.example:disk");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->server, "disks.example");
    EXPECT_FALSE(path->address());
    EXPECT_EQ(path->port, 3260);
    EXPECT_EQ(path->lun.wire, 0u);
    EXPECT_FALSE(path->lun_given);
}

TEST(RootPath, takes_ipv6_in_brackets) {
    const auto path = parse_root_path("iscsi:[2001:db8::5]:::1:iqn.2001-04.com.example:disk");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->server, "2001:db8::5");
    EXPECT_FALSE(path->address()->is_v4());
    EXPECT_EQ(path->to_string(), "iscsi:[2001:db8::5]::3260:1:iqn.2001-04.com.example:disk");
}

TEST(RootPath, without_server_or_target_asks_for_discovery) {
    EXPECT_EQ(parse_root_path("iscsi:::::iqn.2001-04.com.example:disk")->server, "");
    EXPECT_EQ(parse_root_path("iscsi:10.0.0.1::::")->target, "");
    EXPECT_EQ(parse_root_path("iscsi:10.0.0.1")->target, "");
    EXPECT_EQ(parse_root_path("iscsi:")->server, "");
}

TEST(RootPath, takes_credentials_before_the_server) {
    const auto one = parse_root_path("iscsi:pi:s3cret@10.0.0.1::::iqn.2001-04.com.example:d");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->chap, (RootPathCredentials{"pi", "s3cret"}));
    EXPECT_FALSE(one->mutual_chap);
    const auto both = parse_root_path("iscsi:pi:a@b:target:c@[::1]::::iqn.2001-04.com.example:d");
    ASSERT_TRUE(both);
    EXPECT_EQ(both->chap, (RootPathCredentials{"pi", "a@b"}));
    EXPECT_EQ(both->mutual_chap, (RootPathCredentials{"target", "c"}));
    EXPECT_EQ(both->server, "::1");
    const auto bare = parse_root_path("iscsi:@10.0.0.1::::iqn.2001-04.com.example:d");
    ASSERT_TRUE(bare);
    EXPECT_FALSE(bare->chap);
    EXPECT_EQ(bare->server, "10.0.0.1");
}

/// "USER/SECRET" or "USER/SECRET/USER/SECRET"; else what is wrong.
std::string logins(const std::string& before_the_server) {
    const auto path = parse_root_path("iscsi:" + before_the_server + "@nas::::iqn.2024-01.a:disk");
    if (!path) return path.error().what;
    EXPECT_EQ(path->server, "nas");
    std::string text = path->chap->user + "/" + path->chap->secret;
    if (path->mutual_chap) text += "/" + path->mutual_chap->user + "/" + path->mutual_chap->secret;
    return text;
}

TEST(RootPathLogins, may_have_an_iscsi_name_for_a_user) {
    EXPECT_EQ(logins("iqn.2024-01.a:b:secret"), "iqn.2024-01.a:b/secret");
    EXPECT_EQ(logins("IQN.2024-01.a:b:secret"), "IQN.2024-01.a:b/secret");
    EXPECT_EQ(logins("iqn.2024-01.a%3Ab:secret"), "iqn.2024-01.a:b/secret");
    EXPECT_EQ(logins("iqn.2024-01.a:secret"), "iqn.2024-01.a/secret");
    EXPECT_EQ(logins("pi:s3:iqn.2024-01.a:nas:r3"), "pi/s3/iqn.2024-01.a:nas/r3");
    EXPECT_EQ(logins("iqn.2024-01.a%3ab%3ac:s3:iqn.2024-01.a%3Anas:r3"),
              "iqn.2024-01.a:b:c/s3/iqn.2024-01.a:nas/r3");
}

TEST(RootPathLogins, are_never_taken_for_both_ways_because_of_a_names_colons) {
    const std::string unclear = "cannot be told";
    EXPECT_NE(logins("iqn.2024-01.a:b:c:secret").find(unclear), std::string::npos);
    EXPECT_NE(logins("iqn.2024-01.a:b:secret:nas:other").find(unclear), std::string::npos);
    EXPECT_NE(logins("iqn.2024-01.a:b:c:d:e:f").find(unclear), std::string::npos);
    const auto path = parse_root_path("iscsi:iqn.2024-01.a:b:c:secret@nas::::t");
    ASSERT_FALSE(path);
    EXPECT_NE(path.error().hint.find("%3A"), std::string::npos);
}

TEST(RootPathLogins, have_escapes_for_what_divides_them_and_no_other) {
    EXPECT_EQ(logins("pi%3A1:a%3ab%40c%20d%25e"), "pi:1/a:b@c d%e");
    EXPECT_EQ(logins("pi:100%sure%41%3"), "pi/100%sure%41%3");
    EXPECT_EQ(logins("pi:%253A"), "pi/%3A");
    EXPECT_NE(logins("pi:a%3Ab:c").find("is not USER:SECRET"), std::string::npos);
}

TEST(RootPath, shows_no_secret_in_text_or_error) {
    const auto path = parse_root_path("iscsi:pi:s3cret:t:0ther@10.0.0.1::::iqn.2001-04.a:d");
    EXPECT_EQ(path->to_string().find("cret"), std::string::npos);
    for (const char* text :
         {"iscsi:pi:s3cret:0ther@10.0.0.1::::t", "iscsi:iqn.2024-01.a:b:c:s3cret@10.0.0.1::::t",
          "iscsi:s3cret@10.0.0.1", "iscsi:pi:s3cret@10.0.0.1:17", "iscsi:pi:s3cret@a b",
          "iscsi:pi:s3cret@10.0.0.1:::zz:t", "iscsi:pi:s3cret@[zz]",
          "iscsi:pi:s3cret:10.0.0.1::::t", "iscsi:pi::s3cret:10.0.0.1:::t",
          "iscsi:pi:6:3260:s3cret:t", "iscsi:[pi:s3cret:10.0.0.1::::t",
          "iscsi:pi:0therother:t:s3cret:10.0.0.1::::t"}) {
        const auto bad = parse_root_path(text);
        ASSERT_FALSE(bad) << text;
        const std::string error = bad.error().to_string();
        EXPECT_EQ(error.find("s3cret"), std::string::npos) << error;
        EXPECT_EQ(error.find("0ther"), std::string::npos) << error;
    }
}

TEST(RootPath, names_the_bad_piece_its_value_and_what_is_expected) {
    const auto error = [](std::string_view text) {
        const auto path = parse_root_path(text);
        return path ? std::string("none") : path.error().what;
    };
    EXPECT_EQ(error("nfs:10.0.0.1"), "root path: it does not begin with \"iscsi:\"");
    EXPECT_EQ(error("iscsi:10.0.0.1:17:::t"),
              "root path: the protocol \"17\" is not 6 (TCP) or empty");
    EXPECT_EQ(error("iscsi:10.0.0.1::65536::t"),
              "root path: the port \"65536\" is not a number 1 to 65535");
    EXPECT_EQ(error("iscsi:10.0.0.1:::12345:t").substr(0, 29), "root path: the LUN \"12345\" is");
    EXPECT_TRUE(error("iscsi:10.0.0.1:::0x1:t").starts_with("root path: the LUN \"0x1\" is "));
    EXPECT_EQ(error("iscsi:[10.0.0.1]::::t"),
              "root path: the server \"10.0.0.1\" is not an IPv6 address");
    EXPECT_NE(error("iscsi:[::1::::t"), "none");
    EXPECT_NE(error("iscsi:[::1]x::::t"), "none");
    EXPECT_NE(error("iscsi:a$b::::t"), "none");
    EXPECT_NE(error("iscsi:10.0.0.1::0::t"), "none");
}

TEST(RootPaths, come_several_in_one_option_and_a_bad_one_spoils_no_other) {
    using namespace std::string_view_literals;
    const RootPaths paths =
        parse_root_paths("iscsi:10.0.0.1::::t  iscsi:10.0.0.2:x iscsi:10.0.0.3::::t\0\0"sv);
    ASSERT_EQ(paths.paths.size(), 2u);
    EXPECT_EQ(paths.paths[1].server, "10.0.0.3");
    EXPECT_EQ(paths.paths[1].target, "t");
    EXPECT_EQ(paths.errors.size(), 1u);
    EXPECT_TRUE(parse_root_paths("").paths.empty());
}

TEST(RootPathLogins, of_both_ways_may_have_a_name_in_the_target_s_place_alone) {
    EXPECT_EQ(logins("pi:iqn.s:iqn.2024-01.a:nas:r3"), "pi/iqn.s/iqn.2024-01.a:nas/r3");
    for (const char* unclear : {"pi:s3:x:nas:r3", "pi:iqn.2024-01.a:nas:r3:x", "pi", "a:b:c",
                                "a:b:c:d:e:f", "pi:s3:nas:iqn.2024-01.a:b"}) {
        EXPECT_NE(logins(unclear).find("is not USER:SECRET"), std::string::npos) << unclear;
    }
}

TEST(RootPathLogins, are_exact_wherever_an_escape_is) {
    // With escapes, each colon divides: at an even and at an odd place alike.
    EXPECT_EQ(logins("iqn.2024-01.a%3Ab:s3:nas:r3"), "iqn.2024-01.a:b/s3/nas/r3");
    EXPECT_EQ(logins("iqn.2024-01.ab%3Ac:s3:nas:r3"), "iqn.2024-01.ab:c/s3/nas/r3");
}

TEST(RootPathErrors, quote_what_may_be_a_number_and_nothing_else) {
    const auto error = [](std::string_view text) {
        const auto path = parse_root_path(text);
        return path ? std::string() : path.error().what;
    };
    const std::string hidden = "(not shown, it may be a secret)";
    for (const char* port : {"65536", "0x1", "99-99", "abcde"}) {
        EXPECT_NE(
            error("iscsi:10.0.0.1::" + std::string(port) + "::t").find('"' + std::string(port)),
            std::string::npos)
            << port;
    }
    for (const char* port : {"655360", "s3cr", "pass", "1.5", "12 34", "g"}) {
        EXPECT_NE(error("iscsi:10.0.0.1::" + std::string(port) + "::t").find(hidden),
                  std::string::npos)
            << port;
    }
    EXPECT_NE(error("iscsi:10.0.0.1:s3cret:::t").find(hidden), std::string::npos);
    EXPECT_NE(error("iscsi:10.0.0.1:::s3cret:t").find(hidden), std::string::npos);
}

TEST(RootPath, has_ports_from_1_to_65535) {
    EXPECT_EQ(parse_root_path("iscsi:10.0.0.1::1::t")->port, 1);
    EXPECT_EQ(parse_root_path("iscsi:10.0.0.1::65535::t")->port, 65535);
    EXPECT_FALSE(parse_root_path("iscsi:10.0.0.1::0::t"));
    EXPECT_FALSE(parse_root_path("iscsi:10.0.0.1::65536::t"));
    EXPECT_FALSE(parse_root_path("iscsi:10.0.0.1::one::t"));
}

TEST(RootPath, is_written_with_all_levels_of_its_lun) {
    const auto again = [](std::string_view text) { return parse_root_path(text)->to_string(); };
    EXPECT_EQ(again("iscsi:nas:::1-2-3-4:t"), "iscsi:nas::3260:1-2-3-4:t");
    EXPECT_EQ(again("iscsi:nas:::fffe-fffd-fffb-fff7:t"), "iscsi:nas::3260:fffe-fffd-fffb-fff7:t");
    EXPECT_EQ(again("iscsi:nas:::a:t"), "iscsi:nas::3260:a:t");
    EXPECT_EQ(again("iscsi:nas:::1-0-0-1:t"), "iscsi:nas::3260:1-0-0-1:t");
    EXPECT_EQ(again("iscsi:nas::::t"), "iscsi:nas::3260::t");
    EXPECT_EQ(again("iscsi:[fd00::1]"), "iscsi:[fd00::1]::3260::");
}

TEST(RootPaths, are_sixteen_at_most_and_lose_the_zero_bytes_behind_them) {
    std::string text;
    for (int i = 1; i <= 17; ++i)
        text += "iscsi:10.0.0." + std::to_string(i) + (i % 2 == 0 ? ":x " : "::::t ");
    const RootPaths paths = parse_root_paths(text);
    EXPECT_EQ(paths.paths.size(), 8u);
    EXPECT_EQ(paths.errors.size(), 8u);
    EXPECT_EQ(paths.paths.back().server, "10.0.0.15");
    for (const size_t zeros : {1, 2, 3}) {
        const auto one = parse_root_paths("iscsi:10.0.0.3::::t" + std::string(zeros, '\0'));
        ASSERT_EQ(one.paths.size(), 1u);
        EXPECT_EQ(one.paths[0].target, "t");
    }
}

}  // namespace
}  // namespace bootwire::iscsi
