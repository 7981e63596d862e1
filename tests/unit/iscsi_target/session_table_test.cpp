// Which session a login begins, ends or may not have.
#include "iscsi_target/session_table.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

using Kind = SessionVerdict::Kind;

class SessionTableTest : public testing::Test {
  protected:
    static LoginIdentity identity(uint8_t isid = 1, uint16_t tsih = 0) {
        LoginIdentity one;
        one.initiator_name.assign("iqn.2026-11.x:a");
        one.target_name.assign("iqn.2026-11.x:b");
        one.isid.bytes[5] = isid;
        one.tsih = tsih;
        return one;
    }
    SessionVerdict log_in(const LoginIdentity& who, uint16_t portal_group = 1) {
        const SessionVerdict verdict = table.judge(who, portal_group);
        if (verdict.kind != Kind::refused) table.begin(verdict, who, portal_group);
        return verdict;
    }
    SessionTable table;
};

TEST_F(SessionTableTest, begins_a_session_for_each_initiator_port) {
    const SessionVerdict first = log_in(identity(1)), second = log_in(identity(2));
    EXPECT_EQ(first.kind, Kind::begins);
    EXPECT_EQ(second.kind, Kind::begins);
    EXPECT_NE(first.tsih, 0);
    EXPECT_NE(first.tsih, second.tsih);
    EXPECT_EQ(log_in(identity(1), 2).kind, Kind::begins) << "of another portal group";
    LoginIdentity other = identity(1);
    other.target_name.assign("iqn.2026-11.x:c");
    EXPECT_EQ(log_in(other).kind, Kind::begins) << "of another target";
    other = identity(1);
    other.initiator_name.assign("iqn.2026-11.x:other");
    EXPECT_EQ(log_in(other).kind, Kind::begins) << "by somebody else";
    EXPECT_EQ(table.size(), 5u);
}

TEST_F(SessionTableTest, ends_the_session_that_the_same_port_had) {
    const SessionVerdict first = log_in(identity());
    const SessionVerdict again = log_in(identity());
    EXPECT_EQ(again.kind, Kind::reinstates);
    EXPECT_EQ(again.tsih_of_old, first.tsih);
    EXPECT_NE(again.tsih, first.tsih);
    EXPECT_EQ(table.size(), 1u);
    EXPECT_EQ(table.find(first.tsih), nullptr);
    ASSERT_NE(table.find(again.tsih), nullptr);
}

TEST_F(SessionTableTest, takes_a_connection_in_the_place_of_the_one_with_its_number) {
    const SessionVerdict first = log_in(identity());
    const SessionVerdict again = log_in(identity(1, first.tsih));
    EXPECT_EQ(again.kind, Kind::reinstates);
    EXPECT_EQ(again.tsih, first.tsih);
    EXPECT_EQ(table.size(), 1u);
    LoginIdentity second = identity(1, first.tsih);
    second.cid = 1;
    EXPECT_EQ(log_in(second).status, login_status::too_many_connections);
}

TEST_F(SessionTableTest, knows_no_session_that_is_another_one_s_or_over) {
    const SessionVerdict first = log_in(identity());
    EXPECT_EQ(log_in(identity(2, first.tsih)).status, login_status::no_such_session);
    EXPECT_EQ(log_in(identity(1, static_cast<uint16_t>(first.tsih + 1))).status,
              login_status::no_such_session);
    table.end(first.tsih);
    EXPECT_EQ(log_in(identity(1, first.tsih)).status, login_status::no_such_session);
    EXPECT_EQ(log_in(identity()).kind, Kind::begins);
}

TEST_F(SessionTableTest, lets_each_discovery_be_a_session_of_its_own) {
    LoginIdentity one = identity();
    one.session_type = SessionType::discovery;
    EXPECT_EQ(log_in(one).kind, Kind::begins);
    EXPECT_EQ(log_in(one).kind, Kind::begins);
    EXPECT_EQ(table.size(), 2u);
}

TEST_F(SessionTableTest, gives_no_number_again_as_long_as_there_are_others) {
    const SessionVerdict first = log_in(identity());
    table.end(first.tsih);
    EXPECT_NE(log_in(identity()).tsih, first.tsih);
}

}  // namespace
}  // namespace bootwire::iscsi
