// CHAP of the side that asks for proof, and what the side that proves itself takes at which time.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "iscsi/binary_value.h"
#include "iscsi/chap.h"

namespace bootwire::iscsi {
namespace {

const ChapCredentials pi{"pi", "secret of the pi"};
const ChapCredentials disk{"disk", "secret of the disk"};

std::string hex(Bytes bytes) {
    std::vector<char> text(base16_length(bytes.size()));
    return std::string(encode_base16(bytes, text));
}

ChapRandom random_of(uint8_t identifier, uint8_t byte) {
    ChapRandom random{identifier, {}};
    random.challenge.fill(byte);
    return random;
}

const ChapRandom of_target = random_of(4, 0xa4), of_initiator = random_of(3, 0xb3);

/// What the initiator should say to the target's challenge.
std::string right_answer(ChapAlgorithm algorithm = ChapAlgorithm::md5) {
    return hex(
        chap_response(algorithm, of_target.identifier, pi.secret, of_target.challenge).bytes());
}

/// A target that speaks MD5 and SHA-256, and what it says.
class Target {
  public:
    explicit Target(const std::optional<ChapCredentials>& mine = disk)
        : target_(pi, mine, algorithms_, of_target) {}

    /// CHAP_A has come, and the challenge has gone out.
    Target& challenged() {
        EXPECT_EQ(receive("CHAP_A", "5"), ChapProblem::none);
        EXPECT_EQ(act(), ChapProblem::none);
        return *this;
    }
    /// And the right answer has come.
    Target& answered() {
        challenged();
        EXPECT_EQ(receive("CHAP_N", "pi"), ChapProblem::none);
        EXPECT_EQ(receive("CHAP_R", right_answer()), ChapProblem::none);
        return *this;
    }
    ChapProblem receive(std::string_view key, std::string_view value) {
        return target_.receive({key, value});
    }
    ChapProblem act() {
        TextKeyWriter text(storage_);
        const ChapProblem problem = target_.act(text);
        said = std::string(text.bytes().begin(), text.bytes().end());
        return problem;
    }
    bool done() const { return target_.done(); }
    bool says(const std::string& pair) const { return said.find(pair + '\0') != said.npos; }

    std::string said;

  private:
    static constexpr std::array algorithms_{ChapAlgorithm::md5, ChapAlgorithm::sha256};
    std::array<uint8_t, 4096> storage_;
    ChapTarget target_;
};

TEST(ChapTarget, takes_the_first_algorithm_of_the_list_that_it_has) {
    for (const auto& [list, chosen] :
         {std::pair{"5,7", "5"}, {"7,5", "7"}, {"6,8,7,5", "7"}, {"9,,5", "5"}}) {
        Target target;
        EXPECT_EQ(target.receive("CHAP_A", list), ChapProblem::none) << list;
        EXPECT_EQ(target.act(), ChapProblem::none);
        EXPECT_TRUE(target.says(std::string("CHAP_A=") + chosen)) << list;
        EXPECT_TRUE(target.says("CHAP_I=4"));
        EXPECT_TRUE(target.says("CHAP_C=" + hex(of_target.challenge)));
        EXPECT_FALSE(target.done());
    }
}

TEST(ChapTarget, ends_with_an_initiator_that_has_none_of_its_algorithms) {
    for (const char* list : {"6,8", "9", "", "MD5", ",,"})
        EXPECT_EQ(Target().receive("CHAP_A", list), ChapProblem::algorithm_refused) << list;
    EXPECT_EQ(Target().act(), ChapProblem::incomplete) << "no list at all";
}

TEST(ChapTarget, takes_each_key_at_its_time) {
    for (const char* early : {"CHAP_N", "CHAP_R", "CHAP_I", "CHAP_C", "CHAP_X"})
        EXPECT_EQ(Target().receive(early, "5"), ChapProblem::unexpected_key) << early;
    EXPECT_EQ(Target().challenged().receive("CHAP_A", "5"), ChapProblem::unexpected_key);
    EXPECT_EQ(Target().challenged().receive("CHAP_X", "5"), ChapProblem::unexpected_key);
    Target target;
    EXPECT_EQ(target.answered().act(), ChapProblem::none);
    ASSERT_TRUE(target.done());
    EXPECT_EQ(target.receive("CHAP_R", right_answer()), ChapProblem::unexpected_key);
    EXPECT_EQ(target.act(), ChapProblem::none) << "there is nothing left to do";
    EXPECT_EQ(target.said, "");
}

TEST(ChapTarget, lets_nobody_in_who_does_not_prove_himself) {
    const auto problem_of = [](std::initializer_list<TextPair> pairs) {
        Target target;
        target.challenged();
        for (const TextPair& pair : pairs)
            EXPECT_EQ(target.receive(pair.key, pair.value), ChapProblem::none);
        const ChapProblem problem = target.act();
        EXPECT_EQ(target.done(), problem == ChapProblem::none);
        return problem;
    };
    const std::string right = right_answer(), cut = right.substr(0, right.size() - 2);
    EXPECT_EQ(problem_of({{"CHAP_N", "pi"}, {"CHAP_R", right}}), ChapProblem::none);
    EXPECT_EQ(problem_of({{"CHAP_R", right}}), ChapProblem::incomplete);
    EXPECT_EQ(problem_of({{"CHAP_N", "pi"}}), ChapProblem::incomplete);
    EXPECT_EQ(problem_of({}), ChapProblem::incomplete);
    EXPECT_EQ(problem_of({{"CHAP_N", "pie"}, {"CHAP_R", right}}), ChapProblem::name_unknown);
    EXPECT_EQ(problem_of({{"CHAP_N", "pi"}, {"CHAP_R", cut}}), ChapProblem::response_wrong);
    EXPECT_EQ(problem_of({{"CHAP_N", "pi"}, {"CHAP_R", right + "00"}}),
              ChapProblem::response_wrong);
    EXPECT_EQ(problem_of({{"CHAP_N", "pi"}, {"CHAP_R", right_answer(ChapAlgorithm::sha256)}}),
              ChapProblem::response_wrong);
    EXPECT_EQ(problem_of({{"CHAP_N", "pi"}, {"CHAP_R", "0x01"}}), ChapProblem::response_wrong);
    EXPECT_EQ(Target().challenged().receive("CHAP_R", "secret"), ChapProblem::response_malformed);
}

TEST(ChapTarget, proves_itself_to_an_initiator_that_asks_back) {
    for (const size_t size : {size_t{1}, size_t{16}, max_chap_challenge}) {
        const std::vector<uint8_t> challenge(size, 0x5c);
        Target target;
        target.answered();
        EXPECT_EQ(target.receive("CHAP_I", "255"), ChapProblem::none);
        EXPECT_EQ(target.receive("CHAP_C", hex(challenge)), ChapProblem::none);
        EXPECT_EQ(target.receive("CHAP_C", hex(challenge)), ChapProblem::repeated);
        EXPECT_EQ(target.act(), ChapProblem::none);
        EXPECT_TRUE(target.done());
        EXPECT_TRUE(target.says("CHAP_N=disk"));
        EXPECT_TRUE(target.says(
            "CHAP_R=" +
            hex(chap_response(ChapAlgorithm::md5, 255, disk.secret, challenge).bytes())));
    }
    Target not_asked;
    EXPECT_EQ(not_asked.answered().act(), ChapProblem::none);
    EXPECT_EQ(not_asked.said, "");
}

TEST(ChapTarget, answers_no_challenge_that_is_half_its_own_or_malformed) {
    Target without_identifier;
    without_identifier.answered().receive("CHAP_C", "0x01");
    EXPECT_EQ(without_identifier.act(), ChapProblem::incomplete);
    EXPECT_FALSE(without_identifier.done());

    Target without_secret(std::nullopt);
    without_secret.answered().receive("CHAP_C", "0x01");
    without_secret.receive("CHAP_I", "1");
    EXPECT_EQ(without_secret.act(), ChapProblem::incomplete);

    EXPECT_EQ(Target().answered().receive("CHAP_C", hex(of_target.challenge)),
              ChapProblem::challenge_reflected);
    EXPECT_EQ(Target().answered().receive("CHAP_C", "01"), ChapProblem::challenge_malformed);
    EXPECT_EQ(Target().answered().receive("CHAP_I", "256"), ChapProblem::identifier_malformed);
    EXPECT_EQ(Target().answered().receive("CHAP_I", "one"), ChapProblem::identifier_malformed);
}

/// The other side, without a login around it.
ChapProblem act(ChapInitiator& initiator) {
    std::array<uint8_t, 4096> storage;
    TextKeyWriter text(storage);
    return initiator.act(text);
}

void answer_challenge(ChapInitiator& initiator) {
    EXPECT_EQ(initiator.receive({"CHAP_A", "5"}), ChapProblem::none);
    EXPECT_EQ(initiator.receive({"CHAP_I", "4"}), ChapProblem::none);
    EXPECT_EQ(initiator.receive({"CHAP_C", "0x0102"}), ChapProblem::none);
    EXPECT_EQ(act(initiator), ChapProblem::none);
}

TEST(ChapInitiator, takes_no_key_once_all_is_said) {
    ChapInitiator one_way(pi, std::nullopt, all_chap_algorithms, of_initiator);
    answer_challenge(one_way);
    EXPECT_TRUE(one_way.done());
    EXPECT_FALSE(one_way.target_proved());
    EXPECT_EQ(one_way.receive({"CHAP_N", "disk"}), ChapProblem::unexpected_key);
    EXPECT_EQ(one_way.receive({"CHAP_A", "5"}), ChapProblem::unexpected_key);
    EXPECT_EQ(act(one_way), ChapProblem::none);

    ChapInitiator mutual(pi, disk, all_chap_algorithms, of_initiator);
    answer_challenge(mutual);
    EXPECT_FALSE(mutual.done());
    const auto proof = chap_response(ChapAlgorithm::md5, of_initiator.identifier, disk.secret,
                                     of_initiator.challenge);
    EXPECT_EQ(mutual.receive({"CHAP_N", "disk"}), ChapProblem::none);
    EXPECT_EQ(mutual.receive({"CHAP_R", hex(proof.bytes())}), ChapProblem::none);
    EXPECT_EQ(act(mutual), ChapProblem::none);
    EXPECT_TRUE(mutual.target_proved());
    EXPECT_EQ(mutual.receive({"CHAP_R", hex(proof.bytes())}), ChapProblem::unexpected_key);
}

TEST(ChapInitiator, has_room_in_its_offer_for_each_algorithm_once) {
    std::array<uint8_t, 64> storage;
    TextKeyWriter text(storage);
    std::array<ChapAlgorithm, 6> many;
    many.fill(ChapAlgorithm::md5);
    ChapInitiator(pi, std::nullopt, many, of_initiator).write_offer(text);
    EXPECT_EQ(text_of(text.bytes()), std::string_view("CHAP_A=5,5,5,5\0", 15));
}

TEST(ChapInitiator, has_one_secret_for_both_ways_only_by_mistake) {
    EXPECT_EQ(ChapInitiator(pi, std::nullopt, md5_alone, of_initiator).check_secrets(),
              ChapProblem::none);
    EXPECT_EQ(ChapInitiator(pi, disk, md5_alone, of_initiator).check_secrets(), ChapProblem::none);
    EXPECT_EQ(ChapInitiator(pi, ChapCredentials{"disk", pi.secret}, md5_alone, of_initiator)
                  .check_secrets(),
              ChapProblem::same_secret_both_ways);
}

TEST(ChapAlgorithm, has_a_number_from_5_to_8_and_a_name) {
    for (const auto& [number, name] :
         {std::pair{"5", "MD5"}, {"6", "SHA-1"}, {"7", "SHA-256"}, {"8", "SHA3-256"}}) {
        const auto algorithm = parse_chap_algorithm(number);
        ASSERT_TRUE(algorithm) << number;
        EXPECT_EQ(name_of(*algorithm), name);
    }
    for (const char* none : {"4", "9", "", "five", "-5", "5,7"})
        EXPECT_FALSE(parse_chap_algorithm(none)) << none;
}

}  // namespace
}  // namespace bootwire::iscsi
