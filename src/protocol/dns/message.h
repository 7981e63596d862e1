// DNS messages as a stub resolver needs them: questions for addresses, and their answers (RFC 1035
// section 4, RFC 3596).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::dns {

enum class RecordType : uint16_t { a = 1, aaaa = 28 };

/// The rules of base/host_name.h.
Status check_host_name(std::string_view name);

/// A recursive question in one UDP payload. name: as check_host_name() wants it.
Result<std::vector<uint8_t>> build_query(uint16_t id, std::string_view name, RecordType type);

struct Response {
    uint16_t id = 0;
    uint8_t code = 0;        ///< RCODE: 0 no error, 3 no such name, … (see code_in_words)
    bool truncated = false;  ///< TC: the rest would need TCP
    std::string question;    ///< in lower case, without final dot
    uint16_t question_type = 0;
    std::vector<IpAddress> addresses;  ///< of the question's type, aliases followed; at most 16
    std::string name;                  ///< the last alias (CNAME), or the question
};

/// Reads an answer with one question. Records of other names and types are passed over; names with
/// pointers that lead forward or in circles, chains of more than 8 aliases and records that run
/// past the end are errors.
Result<Response> parse_response(Bytes payload);

/// "the server failed" for SERVFAIL.
std::string code_in_words(uint8_t code);

}  // namespace bootwire::dns
