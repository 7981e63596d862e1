// TFTP packets as bytes (RFC 1350 section 5, RFC 2347).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace bootwire::tftp {

inline constexpr uint16_t server_port = 69;

namespace error_code {
inline constexpr uint16_t undefined = 0;
inline constexpr uint16_t file_not_found = 1;
inline constexpr uint16_t disk_full = 3;
inline constexpr uint16_t option_refused = 8;  // RFC 2347
}  // namespace error_code

struct Option {
    std::string name;  ///< in lower case, when it was read
    std::string value;
    bool operator==(const Option&) const = default;
};

struct Data {
    uint16_t block = 0;
    Bytes content;  ///< of the packet that was read
};
struct Failure {
    uint16_t code = 0;
    std::string text;  ///< as it came
};
struct OptionsTaken {
    std::vector<Option> options;
};
using Answer = std::variant<Data, Failure, OptionsTaken>;

/// What a server sends; nothing if it is no such packet.
std::optional<Answer> parse_answer(Bytes packet);

/// A read request in mode octet. The path has no zero byte.
std::vector<uint8_t> build_request(std::string_view path, const std::vector<Option>& options);
std::vector<uint8_t> build_acknowledgement(uint16_t block);
std::vector<uint8_t> build_failure(uint16_t code, std::string_view text);

}  // namespace bootwire::tftp
