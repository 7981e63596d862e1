#include "dns/message.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/text.h"

namespace bootwire::dns {

namespace {

constexpr size_t header_size = 12;
constexpr uint16_t flag_response = 0x8000;
constexpr uint16_t flag_truncated = 0x0200;
constexpr uint16_t flag_recursion_desired = 0x0100;
constexpr uint16_t opcode_mask = 0x7800;
constexpr uint16_t class_internet = 1;
constexpr uint16_t type_cname = 5;
constexpr size_t max_label = 63;
constexpr size_t max_name = 253;
constexpr size_t max_aliases = 8;
constexpr size_t max_records = 256;
constexpr size_t max_addresses = 16;

/// The name at `at` in lower case; moves `at` behind it. A pointer must lead to before the place
/// where the name, or the part that the pointer belongs to, began: so it ends (RFC 1035 section
/// 4.1.4 "prior occurrence").
std::optional<std::string> read_name(Bytes payload, size_t& at) {
    std::string name;
    size_t here = at;
    size_t part_start = at;
    bool jumped = false;
    while (here < payload.size()) {
        const uint8_t length = payload[here];
        if (length >= 0xc0) {
            if (here + 1 >= payload.size()) return std::nullopt;
            const size_t target = load_be16(&payload[here]) & 0x3fff;
            if (target >= part_start) return std::nullopt;
            if (!jumped) at = here + 2;
            jumped = true;
            here = part_start = target;
            continue;
        }
        if (length > max_label || here + 1 + length > payload.size()) return std::nullopt;
        if (length == 0) {
            if (!jumped) at = here + 1;
            return name;
        }
        if (!name.empty()) name += '.';
        // A dot inside a label is not the dot between two.
        for (const uint8_t c : payload.subspan(here + 1, length))
            name += c == '.' ? '\0' : to_lower(static_cast<char>(c));
        if (name.size() > max_name) return std::nullopt;
        here += 1 + length;
    }
    return std::nullopt;
}

struct Record {
    std::string name;
    uint16_t type = 0;
    Bytes data;
    std::string alias;  ///< of a CNAME
};

std::unexpected<Error> malformed(std::string_view what) {
    return fail_for_now("a malformed DNS answer: " + std::string(what));
}

/// The records of class IN among the next `count`.
Result<std::vector<Record>> read_records(Bytes payload, size_t at, size_t count) {
    std::vector<Record> records;
    for (size_t i = 0; i < count; ++i) {
        auto name = read_name(payload, at);
        if (!name || payload.size() - at < 10) return malformed("a record without a whole header");
        Record record{std::move(*name), load_be16(&payload[at]), {}, {}};
        const uint16_t record_class = load_be16(&payload[at + 2]);
        const size_t length = load_be16(&payload[at + 8]);
        at += 10;
        if (length > payload.size() - at) return malformed("a record that runs past the end");
        record.data = payload.subspan(at, length);
        if (record.type == type_cname && record_class == class_internet) {
            size_t alias_at = at;
            auto alias = read_name(payload, alias_at);
            if (!alias || alias_at != at + length) return malformed("an alias that is no name");
            record.alias = std::move(*alias);
        }
        at += length;
        if (record_class == class_internet) records.push_back(std::move(record));
    }
    return records;
}

std::optional<IpAddress> read_address(const Record& record) {
    if (record.type == static_cast<uint16_t>(RecordType::a) && record.data.size() == 4) {
        return IpAddress::v4(load_be32(record.data.data()));
    }
    if (record.type == static_cast<uint16_t>(RecordType::aaaa) && record.data.size() == 16) {
        return IpAddress::v6(record.data.first<16>());
    }
    return std::nullopt;
}

/// From the question over its aliases, in whatever order they come, to the addresses.
Status follow(const std::vector<Record>& records, Response& response) {
    response.name = response.question;
    for (size_t aliases = 0;; ++aliases) {
        const auto alias = std::ranges::find_if(records, [&](const Record& record) {
            return record.type == type_cname && record.name == response.name;
        });
        if (alias == records.end()) break;
        if (aliases == max_aliases) return malformed("too many aliases, or a circle of them");
        response.name = alias->alias;
    }
    for (const auto& record : records) {
        if (record.name != response.name || record.type != response.question_type) continue;
        const auto address = read_address(record);
        if (!address || response.addresses.size() == max_addresses) continue;
        response.addresses.push_back(*address);
    }
    return {};
}

}  // namespace

Status check_host_name(std::string_view name) {
    const std::string_view problem = host_name_problem(name);
    if (problem.empty()) return {};
    return fail("\"" + printable(name) + "\" is not a host name: " + std::string(problem));
}

Result<std::vector<uint8_t>> build_query(uint16_t id, std::string_view name, RecordType type) {
    if (auto checked = check_host_name(name); !checked) return std::unexpected(checked.error());
    if (name.ends_with('.')) name.remove_suffix(1);
    std::vector<uint8_t> query(header_size);
    store_be16(&query[0], id);
    store_be16(&query[2], flag_recursion_desired);
    store_be16(&query[4], 1);
    for (const auto label : split(name, '.')) {
        query.push_back(static_cast<uint8_t>(label.size()));
        query.insert(query.end(), label.begin(), label.end());
    }
    query.push_back(0);
    uint8_t rest[4];
    store_be16(rest, static_cast<uint16_t>(type));
    store_be16(rest + 2, class_internet);
    query.insert(query.end(), rest, rest + sizeof rest);
    return query;
}

Result<Response> parse_response(Bytes payload) {
    if (payload.size() < header_size) return malformed("it is too short");
    const uint16_t flags = load_be16(&payload[2]);
    if (!(flags & flag_response) || (flags & opcode_mask)) return malformed("it is no answer");
    if (load_be16(&payload[4]) != 1) return malformed("it does not repeat the question");

    Response response;
    response.id = load_be16(&payload[0]);
    response.code = flags & 0x0f;
    response.truncated = flags & flag_truncated;
    size_t at = header_size;
    auto question = read_name(payload, at);
    if (!question || payload.size() - at < 4) return malformed("the question is no name");
    response.question = response.name = std::move(*question);
    response.question_type = load_be16(&payload[at]);
    if (load_be16(&payload[at + 2]) != class_internet) return malformed("not of class IN");
    // A truncated answer may end anywhere; whoever sees TC asks elsewhere.
    if (response.truncated) return response;

    const size_t count = load_be16(&payload[6]);
    if (count > max_records) return malformed("too many records");
    const auto records = read_records(payload, at + 4, count);
    if (!records) return std::unexpected(records.error());
    if (auto followed = follow(*records, response); !followed) {
        return std::unexpected(followed.error());
    }
    return response;
}

std::string code_in_words(uint8_t code) {
    switch (code) {
        case 0:
            return "no error";
        case 1:
            return "the server did not understand the question";
        case 2:
            return "the server failed";
        case 3:
            return "the name does not exist";
        case 4:
            return "the server does not answer such questions";
        case 5:
            return "the server refuses to answer";
        default:
            return "error code " + std::to_string(code);
    }
}

}  // namespace bootwire::dns
