// How a target says that a login failed, or goes on elsewhere (RFC 7143 section 11.13.5).
#pragma once

#include <cstdint>

namespace bootwire::iscsi {

struct LoginStatus {
    uint8_t status_class = 0;
    uint8_t detail = 0;

    bool operator==(const LoginStatus&) const = default;
};

namespace login_status {

inline constexpr LoginStatus success{0, 0};
inline constexpr LoginStatus moved_temporarily{1, 1};
inline constexpr LoginStatus moved_permanently{1, 2};
inline constexpr LoginStatus initiator_error{2, 0};
inline constexpr LoginStatus authentication_failed{2, 1};
inline constexpr LoginStatus forbidden{2, 2};
inline constexpr LoginStatus not_found{2, 3};
inline constexpr LoginStatus removed{2, 4};
inline constexpr LoginStatus unsupported_version{2, 5};
inline constexpr LoginStatus too_many_connections{2, 6};
inline constexpr LoginStatus missing_parameter{2, 7};
inline constexpr LoginStatus unsupported_session_type{2, 9};
inline constexpr LoginStatus no_such_session{2, 10};
inline constexpr LoginStatus invalid_request{2, 11};
inline constexpr LoginStatus target_error{3, 0};
inline constexpr LoginStatus service_unavailable{3, 1};
inline constexpr LoginStatus out_of_resources{3, 2};

}  // namespace login_status

}  // namespace bootwire::iscsi
