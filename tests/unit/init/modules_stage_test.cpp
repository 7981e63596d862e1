#include "init/modules_stage.h"

#include <gtest/gtest.h>

namespace bootwire::init {
namespace {

using Texts = std::vector<std::string>;

Texts sources(const plan::ModulesWish& wish, const std::optional<dhcp::Lease>& lease,
              std::string_view serial = "10000000A0770001") {
    Texts texts;
    for (const Url& url : module_sources(wish, lease, serial))
        texts.push_back(url.to_string());
    return texts;
}

dhcp::Lease naming(std::string server) {
    dhcp::Lease lease;
    lease.tftp_server = std::move(server);
    return lease;
}

TEST(ModulesStage, looks_where_a_pis_firmware_looks) {
    EXPECT_EQ(sources({}, naming("10.0.0.1")),
              (Texts{"tftp://10.0.0.1/a0770001/modules.sqfs", "tftp://10.0.0.1/modules.sqfs"}));
    EXPECT_EQ(sources({}, naming("nas.lan"), "1234"), (Texts{"tftp://nas.lan/modules.sqfs"}))
        << "no serial number";
}

TEST(ModulesStage, looks_nowhere_without_a_server) {
    EXPECT_EQ(sources({}, std::nullopt), Texts{});
    EXPECT_EQ(sources({}, naming("")), Texts{});
    EXPECT_EQ(sources({}, naming("not a name")), Texts{});
}

TEST(ModulesStage, looks_only_where_it_is_told_to) {
    EXPECT_EQ(sources(*plan::parse_modules_wish("http://nas.lan/m"), naming("10.0.0.1")),
              (Texts{"http://nas.lan/m"}));
}

TEST(ModulesStage, takes_a_sum_of_64_digits) {
    const std::string digits(64, 'A');
    EXPECT_EQ(parse_sum(digits + "\n"), std::string(64, 'a'));
    EXPECT_FALSE(parse_sum(digits + "a"));
    EXPECT_FALSE(parse_sum(digits.substr(1)));
    EXPECT_FALSE(parse_sum(digits.substr(1) + "g"));
    EXPECT_FALSE(parse_sum(""));
}

}  // namespace
}  // namespace bootwire::init
