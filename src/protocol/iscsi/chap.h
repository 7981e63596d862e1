// CHAP (RFC 1994) as iSCSI uses it (RFC 7143 section 12.1.3, algorithms of the IANA registry), for
// both sides. No heap; random bytes come from the caller, hashes from the product (chap_hash.h);
// secrets are compared in constant time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/fixed_text.h"
#include "iscsi/chap_hash.h"
#include "iscsi/text_keys.h"

namespace bootwire::iscsi {

/// What is offered, best first. SHA-256 before SHA3-256: neither is weaker for this purpose, and
/// more targets have the former. MD5 last: it is what every target has, and the weakest.
inline constexpr std::array<ChapAlgorithm, 4> all_chap_algorithms{
    ChapAlgorithm::sha256, ChapAlgorithm::sha3_256, ChapAlgorithm::sha1, ChapAlgorithm::md5};
inline constexpr std::array<ChapAlgorithm, 1> md5_alone{ChapAlgorithm::md5};

inline constexpr size_t max_chap_challenge = 1024;
/// Secrets of fewer bytes are to be warned of (section 9.2.1): 96 bits.
inline constexpr size_t min_chap_secret = 12;
/// CHAP_N, in bytes: a text value that no other limit is given for (section 6.1).
inline constexpr size_t max_chap_name = 255;
/// The challenge that this side sends.
inline constexpr size_t chap_challenge_size = 16;

/// A user name and its secret; views, which must outlive what they are given to.
struct ChapCredentials {
    std::string_view user;
    std::string_view secret;
};

/// From a generator fit for keys; never the same twice.
struct ChapRandom {
    uint8_t identifier = 0;
    std::array<uint8_t, chap_challenge_size> challenge{};
};

/// CHAP_R; wiped when it goes.
struct ChapResponse {
    std::array<uint8_t, max_chap_response> storage{};
    size_t size = 0;

    ChapResponse() = default;
    ChapResponse(const ChapResponse&) = default;
    ChapResponse& operator=(const ChapResponse&) = default;
    ~ChapResponse();
    Bytes bytes() const { return Bytes(storage).first(size); }
};

/// "MD5", "SHA-1", "SHA-256", "SHA3-256".
std::string_view name_of(ChapAlgorithm algorithm);
std::optional<ChapAlgorithm> parse_chap_algorithm(std::string_view number);
/// hash(identifier ‖ secret ‖ challenge).
ChapResponse chap_response(ChapAlgorithm algorithm, uint8_t identifier, std::string_view secret,
                           Bytes challenge);

enum class ChapProblem : uint8_t {
    none,
    same_secret_both_ways,  ///< section 9.2.1 forbids it: each side could play the other
    algorithm_refused,      ///< the peer has none of the offered ones
    algorithm_not_offered,
    identifier_malformed,
    challenge_malformed,
    challenge_reflected,  ///< the peer sent back the challenge that this side made
    name_malformed,       ///< mutual: empty, or longer than max_chap_name
    name_unknown,         ///< mutual: another name than the expected one
    response_malformed,
    response_wrong,
    incomplete,  ///< keys of this step are missing
    repeated,    ///< a key twice (section 6.3): the last one must not win
    unexpected_key,
};

/// The side that proves itself first, and in the mutual form then checks the peer.
class ChapInitiator {
  public:
    /// theirs: what the target must prove for mutual CHAP; an empty user name accepts any.
    ChapInitiator(const ChapCredentials& mine, const std::optional<ChapCredentials>& theirs,
                  std::span<const ChapAlgorithm> offer, const ChapRandom& random);

    /// To be asked first: same_secret_both_ways or none.
    ChapProblem check_secrets() const;
    /// CHAP_A with the whole offer.
    void write_offer(TextKeyWriter& to) const;
    /// Takes a received CHAP_* key.
    ChapProblem receive(TextPair pair);
    /// Acts on a complete message: answers the challenge, or checks the target's answer.
    ChapProblem act(TextKeyWriter& to);

    /// Nothing more to do: the answer is sent and, if asked for, the target has proved itself.
    bool done() const { return state_ == State::done; }
    /// The target has sent its challenge, and the answer is made: the next response may end the
    /// security stage.
    bool answered() const { return state_ != State::offered; }
    bool target_proved() const { return state_ == State::done && theirs_.has_value(); }
    ChapAlgorithm algorithm() const { return algorithm_; }

  private:
    enum class State : uint8_t { offered, answered, done };

    ChapProblem receive_of_challenge(TextPair pair);
    ChapProblem receive_of_proof(TextPair pair);
    ChapProblem receive_algorithm(std::string_view value);
    ChapProblem receive_challenge(std::string_view value);
    ChapProblem answer(TextKeyWriter& to);
    ChapProblem check_target();

    ChapCredentials mine_;
    std::optional<ChapCredentials> theirs_;
    std::span<const ChapAlgorithm> offer_;
    ChapRandom random_;
    State state_ = State::offered;
    ChapAlgorithm algorithm_ = ChapAlgorithm::md5;
    bool has_algorithm_ = false;
    std::optional<uint8_t> identifier_;
    std::array<uint8_t, max_chap_challenge> challenge_;
    size_t challenge_size_ = 0;
    bool has_name_ = false;
    bool name_matches_ = false;
    ChapResponse response_;
};

/// The side that asks for proof, and in the mutual form then proves itself.
class ChapTarget {
  public:
    /// theirs: what the initiator must prove. mine: for initiators that ask back.
    ChapTarget(const ChapCredentials& theirs, const std::optional<ChapCredentials>& mine,
               std::span<const ChapAlgorithm> supported, const ChapRandom& random);

    ChapProblem receive(TextPair pair);
    /// Acts on a complete message: sends algorithm and challenge, or checks the answer and, if
    /// asked for, proves itself.
    ChapProblem act(TextKeyWriter& to);
    bool done() const { return state_ == State::done; }
    /// The initiator asked this side to prove itself, too, and it did.
    bool proved() const { return done() && challenge_size_ > 0; }
    /// Nothing before the initiator's offer.
    std::optional<ChapAlgorithm> algorithm() const { return algorithm_; }

  private:
    enum class State : uint8_t { start, challenged, done };

    ChapProblem check_answer(TextKeyWriter& to);

    ChapCredentials theirs_;
    std::optional<ChapCredentials> mine_;
    std::span<const ChapAlgorithm> supported_;
    ChapRandom random_;
    State state_ = State::start;
    std::optional<ChapAlgorithm> algorithm_;
    bool has_name_ = false;
    bool name_matches_ = false;
    ChapResponse response_;
    std::optional<uint8_t> identifier_;
    std::array<uint8_t, max_chap_challenge> challenge_;
    size_t challenge_size_ = 0;
};

}  // namespace bootwire::iscsi
