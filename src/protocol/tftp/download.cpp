#include "tftp/download.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace bootwire::tftp {

namespace {

using namespace std::chrono_literals;

constexpr unsigned most_tries = 5;
constexpr Milliseconds first_pause = 1s;
constexpr Milliseconds longest_pause = 4s;

Milliseconds pause_after(unsigned tries) {
    return std::min(first_pause * (1 << std::min(tries, 4u)), longest_pause);
}

/// What the server has taken of a wish: no more than was asked for.
std::optional<uint16_t> taken_number(const Option& option, uint16_t least, uint16_t most) {
    const auto number = parse_number<uint16_t>(option.value);
    return number && *number >= least && *number <= most ? number : std::nullopt;
}

}  // namespace

void Download::end(State state) {
    state_ = state;
    deadline_.reset();
}

Download::Step Download::ask(Moment now) {
    deadline_ = now + pause_after(tries_);
    std::vector<Option> wishes;
    if (with_options_) {
        wishes = {{"tsize", "0"},
                  {"blksize", std::to_string(request_.block_size)},
                  {"windowsize", std::to_string(request_.window)}};
    }
    return {{}, build_request(request_.path, wishes)};
}

Download::Step Download::start(Moment now) {
    return ask(now);
}

Download::Step Download::acknowledge(Moment now) {
    in_window_ = 0;
    deadline_ = now + pause_after(tries_);
    return {{}, build_acknowledgement(last_)};
}

Download::Step Download::refuse(uint16_t code, std::string what) {
    error_ = {std::move(what), "", Remedy::operator_must_act};
    end(State::failed);
    return {{}, build_failure(code, error_.what)};
}

Download::Step Download::on_packet(Bytes packet, Moment now) {
    if (state_ != State::asking && state_ != State::receiving) return {};
    const auto answer = parse_answer(packet);
    if (!answer) return {};
    return std::visit([&](const auto& what) { return take(what, now); }, *answer);
}

Download::Step Download::take(const OptionsTaken& taken, Moment now) {
    if (state_ != State::asking || !with_options_) return {};
    for (const Option& option : taken.options) {
        if (option.name == "tsize") {
            const auto size = parse_number<uint64_t>(option.value);
            if (size && *size > request_.most)
                return refuse(error_code::disk_full, "it is too large");
            continue;
        }
        const bool is_block_size = option.name == "blksize";
        const auto number = is_block_size ? taken_number(option, 8, request_.block_size)
                                          : taken_number(option, 1, request_.window);
        if (!number || (!is_block_size && option.name != "windowsize")) {
            return refuse(error_code::option_refused,
                          "the server answers with an option that nobody asked for");
        }
        (is_block_size ? block_size_ : window_) = *number;
    }
    state_ = State::receiving;
    tries_ = 0;
    return acknowledge(now);
}

/// Each block counts once, in its order. Of a window in which one is missing the rest is dropped,
/// and the server is told at once where to go on (RFC 7440 section 4). A block that was there
/// before is not acknowledged again: that would double all that follows (RFC 1123 section 4.2.3.1).
Download::Step Download::take(const Data& data, Moment now) {
    if (state_ == State::asking && data.block != 1) return {};
    if (data.content.size() > block_size_) return {};
    const uint16_t ahead = static_cast<uint16_t>(data.block - last_);
    if (ahead != 1) {
        const bool is_gap = ahead > 1 && ahead <= window_ && !gap_told_;
        if (!is_gap) return {};
        gap_told_ = true;
        return acknowledge(now);
    }
    state_ = State::receiving;
    received_ += data.content.size();
    if (received_ > request_.most) return refuse(error_code::disk_full, "it is too large");
    tries_ = 0;
    gap_told_ = false;
    last_ = data.block;
    ++in_window_;
    const bool is_last = data.content.size() < block_size_;
    Step step;
    if (is_last || in_window_ >= window_) {
        step = acknowledge(now);
    } else {
        deadline_ = now + pause_after(tries_);
    }
    step.data = data.content;
    if (is_last) end(State::done);
    return step;
}

Download::Step Download::take(const Failure& failure, Moment now) {
    if (state_ == State::asking && with_options_ && failure.code == error_code::option_refused) {
        with_options_ = false;
        return ask(now);
    }
    absent_ = state_ == State::asking && failure.code == error_code::file_not_found;
    error_ = {
        absent_ ? "there is no such file" : "the server says: " + printable(failure.text, 120), ""};
    end(State::failed);
    return {};
}

Download::Step Download::on_timer(Moment now) {
    if (!deadline_ || now < *deadline_) return {};
    if (++tries_ < most_tries) return state_ == State::asking ? ask(now) : acknowledge(now);
    error_ = {state_ == State::asking ? "no TFTP server answers" : "the server has stopped sending",
              "", Remedy::waiting_helps};
    end(State::failed);
    return {};
}

}  // namespace bootwire::tftp
