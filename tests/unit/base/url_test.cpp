#include "base/url.h"

#include <gtest/gtest.h>

namespace bootwire {
namespace {

TEST(Url, has_scheme_host_port_and_path) {
    const auto url = Url::parse("HTTP://nas.lan:8080/pi/modules.sqfs");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "http");
    EXPECT_EQ(url->host, "nas.lan");
    EXPECT_EQ(url->port, 8080);
    EXPECT_EQ(url->path, "/pi/modules.sqfs");
    EXPECT_EQ(url->authority(), "nas.lan:8080");
    EXPECT_EQ(url->to_string(), "http://nas.lan:8080/pi/modules.sqfs");
}

TEST(Url, needs_no_port) {
    const auto url = Url::parse("tftp://192.168.1.10/modules.sqfs");
    ASSERT_TRUE(url);
    EXPECT_FALSE(url->port);
    EXPECT_EQ(url->to_string(), "tftp://192.168.1.10/modules.sqfs");
}

TEST(Url, has_an_ipv6_address_in_brackets) {
    const auto url = Url::parse("http://[fd00::1]:81/m");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "fd00::1");
    EXPECT_EQ(url->port, 81);
    EXPECT_EQ(url->authority(), "[fd00::1]:81");
    EXPECT_EQ(Url::parse("http://[fd00::1]/m")->authority(), "[fd00::1]");
}

TEST(Url, is_nothing_else) {
    for (const char* text : {"",
                             "nas.lan/m",
                             "http:/nas.lan/m",
                             "http://nas.lan",
                             "http://nas.lan/",
                             "http:///m",
                             "http://nas.lan:/m",
                             "http://nas.lan:0/m",
                             "http://nas.lan:65536/m",
                             "http://nas.lan:80:80/m",
                             "http://me@nas.lan/m",
                             "http://fd00::1/m",
                             "http://[192.168.1.1]/m",
                             "http://[fd00::1/m",
                             "http://[fd00::1]81/m",
                             "http://nas.lan/m x",
                             "http://nas.lan/m#x",
                             "http://nas.lan/m?x",
                             "http://n\"s/m",
                             "http://-/m\n"}) {
        EXPECT_FALSE(Url::parse(text)) << text;
    }
}

TEST(Url, has_at_most_255_bytes) {
    const std::string start = "http://nas.lan/";
    EXPECT_TRUE(Url::parse(start + std::string(255 - start.size(), 'a')));
    EXPECT_FALSE(Url::parse(start + std::string(256 - start.size(), 'a')));
}

}  // namespace
}  // namespace bootwire
