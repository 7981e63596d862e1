// One side of a negotiation in tests: what it says is text, pairs ended by ';'.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "iscsi/negotiation.h"

namespace bootwire::iscsi {

class Dialogue {
  public:
    explicit Dialogue(Role role, const OperationalPreferences& preferences = {},
                      SessionType type = SessionType::normal)
        : negotiation_(role, type, preferences) {}

    std::string offers() {
        negotiation_.write_offers(writer_);
        return take();
    }
    /// Takes pairs ended by ';', and gives what is answered; problem() tells of the first one.
    std::string converse(std::string_view text) {
        while (!text.empty()) {
            const size_t end = text.find(';');
            const auto pair = text.substr(0, end);
            const size_t equals = pair.find('=');
            const KeyProblem problem = receive(pair.substr(0, equals), pair.substr(equals + 1));
            if (problem_ == KeyProblem::none) problem_ = problem;
            text.remove_prefix(end + 1);
        }
        return take();
    }
    KeyProblem problem() const { return problem_; }
    KeyProblem receive(std::string_view key, std::string_view value) {
        return negotiation_.receive({key, value}, writer_);
    }
    /// What was answered since the last call, pairs ended by ';'.
    std::string take() {
        negotiation_.end_of_text(writer_);
        std::string text(writer_.bytes().begin(), writer_.bytes().end());
        std::ranges::replace(text, '\0', ';');
        writer_.clear();
        return text;
    }
    KeyProblem finish() {
        std::string_view key;
        return negotiation_.finish(key);
    }
    OperationalParameters result() const { return negotiation_.result(); }

  private:
    std::array<uint8_t, 2048> storage_;
    TextKeyWriter writer_{storage_};
    Negotiation negotiation_;
    KeyProblem problem_ = KeyProblem::none;
};

}  // namespace bootwire::iscsi
