// Each command of a claim, and what follows from each answer that it may get.
#include <gtest/gtest.h>

#include "iscsi_initiator/claim.h"
#include "iscsi_initiator/task_client.h"
#include "reserving_target.h"

namespace bootwire::iscsi {
namespace {

constexpr uint64_t our_key = 0x10000000a0770000, other_key = 0x10000000a0770001;

/// A claim whose answers the test gives one by one.
class Steps {
  public:
    explicit Steps(Intent intent = Intent::claim) : claim(our_key, intent) {}

    /// The service action of the command that is due; that of PERSISTENT RESERVE OUT from 0x10 on.
    int action() const {
        const auto& cdb = claim.command().cdb;
        return cdb[0] == 0x5f ? 0x10 + cdb[1] : cdb[1];
    }
    bool asks_to_remember() const { return (claim.command().out[20] & 1) != 0; }

    Steps& good(Bytes data = {}) { return give(ScsiStatus::good, {}, data); }
    Steps& check(uint8_t key, uint8_t code = 0, uint8_t qualifier = 0) {
        std::array<uint8_t, 18> sense{0x70, 0, key};
        sense[12] = code;
        sense[13] = qualifier;
        return give(ScsiStatus::check_condition, sense, {});
    }
    Steps& conflict() { return give(ScsiStatus::reservation_conflict, {}, {}); }
    Steps& give(ScsiStatus status, Bytes sense, Bytes data) {
        claim.on_outcome(status, sense, data);
        return *this;
    }
    Steps& nobody() { return good(std::array<uint8_t, 8>{}); }
    Steps& held_by(uint64_t key) {
        std::array<uint8_t, 24> data{};
        store_be32(&data[4], 16);
        store_be64(&data[8], key);
        data[21] = write_exclusive_registrants_only;
        return good(data);
    }
    ClaimProblem problem() const { return claim.failure().problem; }

    Claim claim;
};

constexpr int look = 1, name = 3, reserve = 0x11, release = 0x12, preempt = 0x14, enter = 0x16;

TEST(ClaimSteps, of_a_free_disk_are_look_register_and_reserve) {
    Steps steps;
    EXPECT_EQ(steps.action(), look);
    EXPECT_EQ(steps.claim.command().in_length, 64u);
    EXPECT_EQ(load_be16(&steps.claim.command().cdb[7]), 64);
    steps.nobody();
    EXPECT_EQ(steps.action(), enter);
    EXPECT_EQ(load_be64(&steps.claim.command().out[0]), 0u) << "whatever was registered before";
    EXPECT_EQ(load_be64(&steps.claim.command().out[8]), our_key);
    EXPECT_TRUE(steps.asks_to_remember());
    steps.good();
    EXPECT_EQ(steps.action(), reserve);
    EXPECT_EQ(load_be64(&steps.claim.command().out[0]), our_key);
    EXPECT_EQ(load_be64(&steps.claim.command().out[8]), 0u);
    EXPECT_FALSE(steps.asks_to_remember());
    EXPECT_EQ(steps.good().claim.state(), ClaimState::done);
}

TEST(ClaimSteps, of_giving_back_are_preempt_release_and_leave) {
    Steps steps(Intent::release);
    steps.held_by(our_key).good();
    EXPECT_EQ(steps.action(), preempt) << "an earlier login of ours may hold it";
    EXPECT_EQ(load_be64(&steps.claim.command().out[8]), our_key);
    steps.good();
    EXPECT_EQ(steps.action(), release);
    EXPECT_EQ(load_be64(&steps.claim.command().out[0]), our_key);
    EXPECT_EQ(load_be64(&steps.claim.command().out[8]), 0u);
    steps.good();
    EXPECT_EQ(steps.action(), enter);
    EXPECT_EQ(load_be64(&steps.claim.command().out[0]), 0u);
    EXPECT_EQ(load_be64(&steps.claim.command().out[8]), 0u) << "no key any more";
    EXPECT_TRUE(steps.asks_to_remember());
    EXPECT_EQ(steps.good().claim.state(), ClaimState::done);
}

TEST(ClaimSteps, of_giving_back_what_nobody_or_another_one_holds_are_to_leave) {
    for (const bool held : {false, true}) {
        Steps steps(Intent::release);
        held ? steps.held_by(other_key) : steps.nobody();
        EXPECT_EQ(steps.action(), enter) << held;
        EXPECT_EQ(load_be64(&steps.claim.command().out[8]), 0u) << held;
        EXPECT_EQ(steps.good().claim.state(), ClaimState::done);
    }
}

TEST(ClaimSteps, are_24_at_most) {
    Steps steps;
    for (int i = 0; i < 24; ++i) {
        EXPECT_EQ(steps.claim.state(), ClaimState::asking) << i;
        steps.check(6);
    }
    EXPECT_EQ(steps.claim.state(), ClaimState::asking);
    steps.check(6);
    EXPECT_EQ(steps.claim.state(), ClaimState::failed);
    EXPECT_EQ(steps.problem(), ClaimProblem::endless);
}

TEST(ClaimSteps, that_have_come_to_an_end_take_no_further_answer) {
    Steps done, failed;
    done.nobody().good().good();
    ASSERT_EQ(done.claim.state(), ClaimState::done);
    EXPECT_EQ(done.conflict().claim.state(), ClaimState::done);
    failed.give(ScsiStatus::busy, {}, {});
    EXPECT_EQ(failed.nobody().claim.state(), ClaimState::failed);
    EXPECT_EQ(failed.problem(), ClaimProblem::busy);
    EXPECT_EQ(failed.action(), look);
}

TEST(ClaimSteps, end_where_the_disk_is_busy) {
    for (const auto status : {ScsiStatus::busy, ScsiStatus::task_set_full}) {
        Steps at_once, later;
        EXPECT_EQ(at_once.give(status, {}, {}).claim.state(), ClaimState::failed);
        EXPECT_EQ(at_once.problem(), ClaimProblem::busy);
        EXPECT_EQ(later.nobody().give(status, {}, {}).problem(), ClaimProblem::busy);
    }
}

TEST(ClaimSteps, end_where_nobody_can_tell_who_holds_the_disk) {
    Steps steps;
    EXPECT_EQ(steps.good(std::array<uint8_t, 7>{}).claim.state(), ClaimState::failed);
    EXPECT_EQ(steps.problem(), ClaimProblem::malformed_answer);
}

TEST(ClaimSteps, end_where_another_machine_has_an_old_kind_of_reservation) {
    Steps at_look, at_enter;
    EXPECT_EQ(at_look.conflict().problem(), ClaimProblem::old_reservation);
    EXPECT_EQ(at_look.claim.state(), ClaimState::failed);
    EXPECT_EQ(at_enter.nobody().conflict().problem(), ClaimProblem::old_reservation);
}

TEST(ClaimSteps, of_a_race_that_is_lost_take_our_registration_back) {
    Steps steps;
    steps.nobody().good().conflict();
    EXPECT_EQ(steps.action(), look);
    steps.held_by(other_key);
    EXPECT_EQ(steps.action(), enter);
    EXPECT_EQ(load_be64(&steps.claim.command().out[8]), 0u);
    steps.check(5, 0x26);
    EXPECT_EQ(steps.action(), enter);
    EXPECT_FALSE(steps.asks_to_remember()) << "the target has just refused that";
    steps.good();
    EXPECT_EQ(steps.action(), name);
    EXPECT_EQ(steps.conflict().claim.state(), ClaimState::in_use);
    EXPECT_EQ(steps.claim.failure().key, other_key);

    Steps refused;
    refused.nobody().good().conflict().held_by(other_key).conflict();
    EXPECT_EQ(refused.action(), name) << "nothing of ours is registered any more";
}

TEST(ClaimSteps, of_a_race_with_one_who_has_left_again_begin_with_a_look) {
    Steps steps(Intent::take_over);
    steps.held_by(other_key).good();
    EXPECT_EQ(steps.action(), preempt);
    steps.conflict();
    EXPECT_EQ(steps.action(), look);
    steps.nobody();
    EXPECT_EQ(steps.action(), reserve) << "our key is registered already";
    EXPECT_EQ(steps.good().claim.state(), ClaimState::done);
    EXPECT_EQ(steps.claim.displaced_key(), 0u) << "nobody was";

    Steps ours;
    ours.held_by(our_key).good().conflict();
    EXPECT_EQ(ours.action(), preempt) << "an earlier login of ours holds it";
    EXPECT_EQ(ours.good().claim.displaced_key(), 0u);
}

TEST(ClaimSteps, of_giving_back_end_well_where_nothing_is_ours_any_more) {
    Steps at_release(Intent::release), at_leave(Intent::release), refused(Intent::release);
    EXPECT_EQ(at_release.held_by(our_key).good().good().conflict().claim.state(), ClaimState::done);
    EXPECT_EQ(at_leave.nobody().conflict().claim.state(), ClaimState::done);
    EXPECT_EQ(refused.nobody().check(3).claim.state(), ClaimState::done);
}

TEST(ClaimSteps, that_a_disk_refuses_say_why) {
    struct Refusal {
        Sense sense;
        ClaimProblem at_look, at_enter;
    };
    using enum ClaimProblem;
    for (const auto& [sense, at_look, at_enter] : {Refusal{{2, 8, 0}, not_ready, cannot_note},
                                                   {{2, 4, 1}, not_ready, not_ready},
                                                   {{3, 8, 0}, refused, refused},
                                                   {{5, 0x20, 0}, not_supported, none},
                                                   {{7, 0x27, 0}, refused, refused}}) {
        Steps first, second;
        first.check(sense.key, sense.code, sense.qualifier);
        EXPECT_EQ(first.problem(), at_look) << int{sense.key} << ' ' << int{sense.code};
        EXPECT_EQ(first.claim.state(), ClaimState::failed) << "at once";
        EXPECT_EQ(first.claim.failure().sense.code, sense.code);
        second.nobody().check(sense.key, sense.code, sense.qualifier);
        EXPECT_EQ(second.problem(), at_enter) << int{sense.key} << ' ' << int{sense.code};
    }
    Steps nothing_said;
    nothing_said.give(ScsiStatus::check_condition, {}, {});
    EXPECT_EQ(nothing_said.problem(), refused);
}

TEST(ClaimSteps, ask_to_remember_once_and_are_not_supported_if_that_is_not_why) {
    Steps steps;
    steps.nobody().check(5, 0x26);
    EXPECT_EQ(steps.action(), enter);
    EXPECT_FALSE(steps.asks_to_remember());
    steps.check(5, 0x20);
    EXPECT_EQ(steps.problem(), ClaimProblem::not_supported);
    Steps reserving;
    reserving.nobody().good().check(5, 0x20);
    EXPECT_EQ(reserving.problem(), ClaimProblem::not_supported) << "RESERVE is not asked for it";
}

/// A full status descriptor of SPC-4 section 6.16.5.
void append_registrant(std::vector<uint8_t>& data, bool holder, std::string_view initiator) {
    const size_t at = data.size();
    data.resize(at + 24 + 4 + initiator.size());
    data[at + 12] = holder ? 1 : 0;
    store_be32(&data[at + 20], static_cast<uint32_t>(4 + initiator.size()));
    data[at + 24] = 0x45;
    store_be16(&data[at + 26], static_cast<uint16_t>(initiator.size()));
    std::ranges::copy(initiator, data.begin() + static_cast<ptrdiff_t>(at) + 28);
    store_be32(&data[4], static_cast<uint32_t>(data.size() - 8));
}

TEST(ClaimSteps, name_the_holder_among_all_who_are_registered) {
    std::vector<uint8_t> data(8);
    append_registrant(data, false, "iqn.2026-11.lab:before");
    append_registrant(data, true, "iqn.2026-11.lab:holder");
    append_registrant(data, true, "");  // at another port, without a name
    append_registrant(data, false, "iqn.2026-11.lab:behind");
    Steps steps;
    steps.held_by(other_key);
    ASSERT_EQ(steps.action(), name);
    EXPECT_EQ(steps.claim.command().in_length, max_task_data) << "as much as fits";
    EXPECT_EQ(steps.good(data).claim.state(), ClaimState::in_use);
    EXPECT_EQ(steps.claim.failure().holder.view(), "iqn.2026-11.lab:holder");
    EXPECT_EQ(steps.claim.failure().key, other_key);
    EXPECT_EQ(steps.problem(), ClaimProblem::in_use);
}

TEST(ClaimSteps, name_nobody_where_the_target_does_not_tell) {
    Steps steps;
    steps.held_by(other_key).check(6);
    EXPECT_EQ(steps.action(), name) << "it is asked again after an announcement";
    EXPECT_EQ(steps.check(5, 0x24).claim.state(), ClaimState::in_use);
    EXPECT_TRUE(steps.claim.failure().holder.empty());
    Steps not_ready;
    EXPECT_EQ(not_ready.held_by(other_key).check(2, 4, 1).claim.state(), ClaimState::in_use);
}

}  // namespace
}  // namespace bootwire::iscsi
