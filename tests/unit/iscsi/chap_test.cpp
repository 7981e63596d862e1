#include "iscsi/chap.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "iscsi/binary_value.h"

namespace bootwire::iscsi {
namespace {

std::string hex(Bytes bytes) {
    std::vector<char> text(base16_length(bytes.size()));
    return std::string(encode_base16(bytes, text));
}

/// With identifier 'a', secret "b" and challenge "c" the hash is that of "abc".
TEST(ChapResponse, agrees_with_the_known_hashes_of_abc) {
    const auto of_abc = [](ChapAlgorithm algorithm) {
        return hex(chap_response(algorithm, 'a', "b", bytes_of("c")).bytes());
    };
    EXPECT_EQ(of_abc(ChapAlgorithm::md5), "0x900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(of_abc(ChapAlgorithm::sha1), "0xa9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(of_abc(ChapAlgorithm::sha256),
              "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(of_abc(ChapAlgorithm::sha3_256),
              "0x3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
}

TEST(ChapResponse, is_wiped_when_it_goes) {
    alignas(ChapResponse) unsigned char memory[sizeof(ChapResponse)];
    auto* response =
        new (memory) ChapResponse(chap_response(ChapAlgorithm::sha256, 1, "s", bytes_of("c")));
    EXPECT_EQ(response->size, 32u);
    const size_t at =
        static_cast<size_t>(reinterpret_cast<unsigned char*>(response->storage.data()) - memory);
    response->~ChapResponse();
    // The bytes of an object that is gone may only be looked at behind the compiler's back.
    const volatile unsigned char* left = memory + at;
    for (size_t i = 0; i < max_chap_response; ++i)
        EXPECT_EQ(left[i], 0) << i;
}

TEST(BinaryValue, is_read_in_base16_and_base64) {
    std::array<uint8_t, 8> storage;
    const auto decode = [&](std::string_view text) {
        const auto bytes = decode_binary(text, storage);
        return bytes ? hex(*bytes) : "none";
    };
    EXPECT_EQ(decode("0x00fF"), "0x00ff");
    EXPECT_EQ(decode("0X123"), "0x0123");
    EXPECT_EQ(decode("0bAP8="), "0x00ff");
    EXPECT_EQ(decode("0BAP8"), "0x00ff");
    EXPECT_EQ(decode("0bYWJj"), "0x616263");
    for (const char* text : {"", "0x", "0b", "00ff", "0xg0", "0b*A==", "0bA",
                             "0b====", "0x112233445566778899", "0bAAAAAAAAAAAA"}) {
        EXPECT_EQ(decode(text), "none") << text;
    }
}

TEST(ChapTarget, takes_no_key_twice) {
    const std::array<uint8_t, 4> challenge{1, 2, 3, 4};
    const auto problem_of = [&](std::string_view key, std::string_view value) {
        ChapTarget target({"pi", "one"}, ChapCredentials{"target", "two"}, md5_alone,
                          ChapRandom{4, {}});
        std::array<uint8_t, 512> storage;
        TextKeyWriter text(storage);
        if (key != "CHAP_A") {
            target.receive({"CHAP_A", "5"});
            target.act(text);
        }
        EXPECT_EQ(target.receive({key, value}), ChapProblem::none);
        return target.receive({key, value});
    };
    EXPECT_EQ(problem_of("CHAP_A", "5"), ChapProblem::repeated);
    EXPECT_EQ(problem_of("CHAP_N", "pi"), ChapProblem::repeated);
    EXPECT_EQ(problem_of("CHAP_R", hex(challenge)), ChapProblem::repeated);
    EXPECT_EQ(problem_of("CHAP_I", "1"), ChapProblem::repeated);
    EXPECT_EQ(problem_of("CHAP_C", hex(challenge)), ChapProblem::repeated);
}

/// Both sides of the library with each other.
TEST(ChapTarget, and_initiator_convince_each_other) {
    const ChapCredentials pi{"pi", "one"};
    const ChapCredentials target{"target", "two"};
    ChapRandom mine{3, {}};
    ChapRandom theirs{4, {}};
    theirs.challenge.fill(8);
    ChapInitiator initiator(pi, target, all_chap_algorithms, mine);
    ChapTarget peer(pi, target, md5_alone, theirs);
    std::array<uint8_t, 512> storage;
    TextKeyWriter text(storage);
    initiator.write_offer(text);
    for (int message = 0; message < 4; ++message) {
        const std::vector<uint8_t> sent(text.bytes().begin(), text.bytes().end());
        text.clear();
        TextKeyReader pairs(sent);
        while (const auto pair = pairs.next()) {
            ASSERT_EQ(message % 2 == 0 ? peer.receive(*pair) : initiator.receive(*pair),
                      ChapProblem::none);
        }
        ASSERT_EQ(message % 2 == 0 ? peer.act(text) : initiator.act(text), ChapProblem::none);
    }
    EXPECT_TRUE(peer.done());
    EXPECT_TRUE(initiator.target_proved());
    EXPECT_EQ(initiator.algorithm(), ChapAlgorithm::md5);
}

TEST(BinaryValue, has_each_digit_of_both_bases) {
    std::array<uint8_t, 48> storage;
    const auto decode = [&](std::string_view text) {
        const auto bytes = decode_binary(text, storage);
        return bytes ? hex(*bytes) : "none";
    };
    EXPECT_EQ(decode("0x0123456789abcdefABCDEF"), "0x0123456789abcdefabcdef");
    // RFC 4648 section 4's alphabet from A to /: the six-bit numbers 0 to 63.
    EXPECT_EQ(decode("0bABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
              "0x00108310518720928b30d38f41149351559761969b71d79f8218a39259a7a29aabb2dbafc31cb3d35d"
              "b7e39ebbf3dfbf");
    for (const char* text :
         {"0x/0", "0x:0", "0x@0", "0xG0", "0x`0", "0xg0", "0b@AAA", "0b[AAA", "0b`AAA", "0b{AAA",
          "0b:AAA", "0b-AAA", "0b_AAA", "0bA===", "0b=AAA"}) {
        EXPECT_EQ(decode(text), "none") << text;
    }
}

TEST(BinaryValue, fills_its_room_and_never_more) {
    std::array<uint8_t, 3> storage;
    EXPECT_TRUE(decode_binary("0x112233", storage));
    EXPECT_TRUE(decode_binary("0x12233", storage));
    EXPECT_FALSE(decode_binary("0x1112233", storage));
    EXPECT_TRUE(decode_binary("0bYWJj", storage));
    EXPECT_FALSE(decode_binary("0bYWJjZA==", storage));
}

TEST(BinaryValue, of_base64_has_any_number_of_digits_that_makes_whole_bytes) {
    std::array<uint8_t, 8> storage;
    const auto decode = [&](std::string_view text) {
        const auto bytes = decode_binary(text, storage);
        return bytes ? hex(*bytes) : "none";
    };
    EXPECT_EQ(decode("0bYQ=="), "0x61");
    EXPECT_EQ(decode("0bYQ"), "0x61");
    EXPECT_EQ(decode("0bYWI="), "0x6162");
    EXPECT_EQ(decode("0bYWJjZA=="), "0x61626364");
    EXPECT_EQ(decode("0bYWJjZGU="), "0x6162636465");
    EXPECT_EQ(decode("0bYWJjZGVm"), "0x616263646566");
    for (const char* none : {"0", "b", "0bYWJjZ", "0bYWJjZGVmZ", "0bYQ===", "0bYQ=a", "0bY=Q="})
        EXPECT_EQ(decode(none), "none") << none;
}

}  // namespace
}  // namespace bootwire::iscsi
