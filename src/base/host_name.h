// Names of hosts, as people write them and DNS knows them.
#pragma once

#include <string_view>

namespace bootwire {

/// What is wrong with a host name, as the end of a sentence ("it is empty"); empty if it is one:
/// letters, digits, hyphens and underscores (which people use, RFC 2181 section 11), labels of 1 to
/// 63 and a name of at most 253 characters, one final dot allowed, the last label not a number (RFC
/// 1123 section 2.1).
std::string_view host_name_problem(std::string_view name);

inline bool is_host_name(std::string_view name) {
    return host_name_problem(name).empty();
}

}  // namespace bootwire
