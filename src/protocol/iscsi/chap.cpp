#include "iscsi/chap.h"

#include "base/secret.h"
#include "iscsi/binary_value.h"

namespace bootwire::iscsi {

ChapResponse::~ChapResponse() {
    wipe(storage);
}

std::string_view name_of(ChapAlgorithm algorithm) {
    switch (algorithm) {
        case ChapAlgorithm::md5:
            return "MD5";
        case ChapAlgorithm::sha1:
            return "SHA-1";
        case ChapAlgorithm::sha256:
            return "SHA-256";
        case ChapAlgorithm::sha3_256:
            return "SHA3-256";
    }
    return "?";
}

std::optional<ChapAlgorithm> parse_chap_algorithm(std::string_view number) {
    const auto value = parse_numerical(number);
    if (!value || *value < 5 || *value > 8) return std::nullopt;
    return static_cast<ChapAlgorithm>(*value);
}

ChapResponse chap_response(ChapAlgorithm algorithm, uint8_t identifier, std::string_view secret,
                           Bytes challenge) {
    const std::array<Bytes, 3> pieces{Bytes(&identifier, 1), bytes_of(secret), challenge};
    ChapResponse response;
    response.size = chap_hash(algorithm, pieces, response.storage);
    return response;
}

namespace {

std::optional<uint8_t> parse_identifier(std::string_view text) {
    const auto value = parse_numerical(text);
    if (!value || *value > 255) return std::nullopt;
    return static_cast<uint8_t>(*value);
}

ChapProblem receive_identifier(std::string_view value, std::optional<uint8_t>& identifier) {
    if (identifier) return ChapProblem::repeated;
    identifier = parse_identifier(value);
    return identifier ? ChapProblem::none : ChapProblem::identifier_malformed;
}

ChapProblem receive_response(std::string_view value, ChapResponse& response) {
    if (response.size > 0) return ChapProblem::repeated;
    const auto bytes = decode_binary(value, response.storage);
    response.size = bytes ? bytes->size() : 0;
    return bytes ? ChapProblem::none : ChapProblem::response_malformed;
}

void write_challenge(const ChapRandom& random, TextKeyWriter& to) {
    std::array<char, base16_length(chap_challenge_size)> text;
    to.add("CHAP_I", random.identifier);
    to.add("CHAP_C", encode_base16(random.challenge, text));
}

void write_proof(std::string_view user, const ChapResponse& response, TextKeyWriter& to) {
    std::array<char, base16_length(max_chap_response)> text;
    to.add("CHAP_N", user);
    to.add("CHAP_R", encode_base16(response.bytes(), text));
}

template <class Algorithms>
bool contains(const Algorithms& algorithms, ChapAlgorithm wanted) {
    for (const ChapAlgorithm algorithm : algorithms) {
        if (algorithm == wanted) return true;
    }
    return false;
}

}  // namespace

ChapInitiator::ChapInitiator(const ChapCredentials& mine,
                             const std::optional<ChapCredentials>& theirs,
                             std::span<const ChapAlgorithm> offer, const ChapRandom& random)
    : mine_(mine), theirs_(theirs), offer_(offer), random_(random) {}

ChapProblem ChapInitiator::check_secrets() const {
    if (theirs_ && equal_in_constant_time(bytes_of(mine_.secret), bytes_of(theirs_->secret))) {
        return ChapProblem::same_secret_both_ways;
    }
    return ChapProblem::none;
}

void ChapInitiator::write_offer(TextKeyWriter& to) const {
    std::array<char, 2 * all_chap_algorithms.size()> text;
    size_t size = 0;
    for (const ChapAlgorithm algorithm : offer_) {
        if (size + 2 > text.size()) break;
        if (size > 0) text[size++] = ',';
        text[size++] = static_cast<char>('0' + static_cast<int>(algorithm));
    }
    to.add("CHAP_A", {text.data(), size});
}

ChapProblem ChapInitiator::receive(TextPair pair) {
    if (state_ == State::offered) return receive_of_challenge(pair);
    if (state_ == State::answered && theirs_) return receive_of_proof(pair);
    return ChapProblem::unexpected_key;
}

ChapProblem ChapInitiator::receive_of_challenge(TextPair pair) {
    if (pair.key == "CHAP_A") return receive_algorithm(pair.value);
    if (pair.key == "CHAP_I") return receive_identifier(pair.value, identifier_);
    if (pair.key == "CHAP_C") return receive_challenge(pair.value);
    return ChapProblem::unexpected_key;
}

ChapProblem ChapInitiator::receive_of_proof(TextPair pair) {
    if (pair.key == "CHAP_R") return receive_response(pair.value, response_);
    if (pair.key != "CHAP_N") return ChapProblem::unexpected_key;
    if (has_name_) return ChapProblem::repeated;
    if (pair.value.empty() || pair.value.size() > max_chap_name) {
        return ChapProblem::name_malformed;
    }
    has_name_ = true;
    name_matches_ = theirs_->user.empty() || pair.value == theirs_->user;
    return ChapProblem::none;
}

ChapProblem ChapInitiator::receive_algorithm(std::string_view value) {
    if (has_algorithm_) return ChapProblem::repeated;
    if (value == "Reject" || value == "NotUnderstood") return ChapProblem::algorithm_refused;
    const auto algorithm = parse_chap_algorithm(value);
    if (!algorithm || !contains(offer_, *algorithm)) return ChapProblem::algorithm_not_offered;
    algorithm_ = *algorithm;
    has_algorithm_ = true;
    return ChapProblem::none;
}

ChapProblem ChapInitiator::receive_challenge(std::string_view value) {
    if (challenge_size_ > 0) return ChapProblem::repeated;
    const auto bytes = decode_binary(value, challenge_);
    if (!bytes) return ChapProblem::challenge_malformed;
    challenge_size_ = bytes->size();
    // One-way CHAP has no challenge of its own that could come back.
    const bool reflected = theirs_ && equal_in_constant_time(*bytes, random_.challenge);
    return reflected ? ChapProblem::challenge_reflected : ChapProblem::none;
}

ChapProblem ChapInitiator::act(TextKeyWriter& to) {
    if (state_ == State::offered) return answer(to);
    if (state_ == State::answered) return check_target();
    return ChapProblem::none;
}

ChapProblem ChapInitiator::answer(TextKeyWriter& to) {
    if (!has_algorithm_ || !identifier_ || challenge_size_ == 0) return ChapProblem::incomplete;
    write_proof(mine_.user,
                chap_response(algorithm_, *identifier_, mine_.secret,
                              Bytes(challenge_).first(challenge_size_)),
                to);
    if (theirs_) write_challenge(random_, to);
    state_ = theirs_ ? State::answered : State::done;
    return ChapProblem::none;
}

ChapProblem ChapInitiator::check_target() {
    if (!has_name_ || response_.size == 0) return ChapProblem::incomplete;
    if (!name_matches_) return ChapProblem::name_unknown;
    const ChapResponse expected =
        chap_response(algorithm_, random_.identifier, theirs_->secret, random_.challenge);
    if (!equal_in_constant_time(expected.bytes(), response_.bytes()))
        return ChapProblem::response_wrong;
    state_ = State::done;
    return ChapProblem::none;
}

ChapTarget::ChapTarget(const ChapCredentials& theirs, const std::optional<ChapCredentials>& mine,
                       std::span<const ChapAlgorithm> supported, const ChapRandom& random)
    : theirs_(theirs), mine_(mine), supported_(supported), random_(random) {}

ChapProblem ChapTarget::receive(TextPair pair) {
    if (state_ == State::start && pair.key == "CHAP_A") {
        if (algorithm_) return ChapProblem::repeated;
        auto list = pair.value;
        while (!list.empty() && !algorithm_) {
            const auto algorithm = parse_chap_algorithm(take_list_item(list));
            if (algorithm && contains(supported_, *algorithm)) algorithm_ = algorithm;
        }
        return algorithm_ ? ChapProblem::none : ChapProblem::algorithm_refused;
    }
    if (state_ != State::challenged) return ChapProblem::unexpected_key;
    if (pair.key == "CHAP_N") {
        if (has_name_) return ChapProblem::repeated;
        has_name_ = true;
        name_matches_ = equal_in_constant_time(bytes_of(pair.value), bytes_of(theirs_.user));
        return ChapProblem::none;
    }
    if (pair.key == "CHAP_R") return receive_response(pair.value, response_);
    if (pair.key == "CHAP_I") return receive_identifier(pair.value, identifier_);
    if (pair.key == "CHAP_C") {
        if (challenge_size_ > 0) return ChapProblem::repeated;
        const auto bytes = decode_binary(pair.value, challenge_);
        if (!bytes) return ChapProblem::challenge_malformed;
        challenge_size_ = bytes->size();
        if (equal_in_constant_time(*bytes, random_.challenge))
            return ChapProblem::challenge_reflected;
        return ChapProblem::none;
    }
    return ChapProblem::unexpected_key;
}

ChapProblem ChapTarget::act(TextKeyWriter& to) {
    if (state_ == State::challenged) return check_answer(to);
    if (state_ == State::done) return ChapProblem::none;
    if (!algorithm_) return ChapProblem::incomplete;
    to.add("CHAP_A", static_cast<uint32_t>(*algorithm_));
    write_challenge(random_, to);
    state_ = State::challenged;
    return ChapProblem::none;
}

ChapProblem ChapTarget::check_answer(TextKeyWriter& to) {
    if (!has_name_ || response_.size == 0) return ChapProblem::incomplete;
    const ChapResponse expected =
        chap_response(*algorithm_, random_.identifier, theirs_.secret, random_.challenge);
    const bool proved = equal_in_constant_time(expected.bytes(), response_.bytes());
    if (!name_matches_) return ChapProblem::name_unknown;  // after as much work as for one that is
    if (!proved) return ChapProblem::response_wrong;
    if (challenge_size_ > 0) {
        if (!mine_ || !identifier_) return ChapProblem::incomplete;
        write_proof(mine_->user,
                    chap_response(*algorithm_, *identifier_, mine_->secret,
                                  Bytes(challenge_).first(challenge_size_)),
                    to);
    }
    state_ = State::done;
    return ChapProblem::none;
}

}  // namespace bootwire::iscsi
