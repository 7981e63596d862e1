#include "iscsi_initiator/reject_reason.h"

#include <gtest/gtest.h>

namespace bootwire::iscsi {
namespace {

/// RFC 7143 section 11.17.1.
TEST(RejectReason, has_words_for_each_number_of_the_rfc) {
    const std::pair<uint8_t, std::string_view> reasons[] = {
        {0x00, "unknown reason"},
        {0x01, "unknown reason"},
        {0x02, "data digest error"},
        {0x03, "SNACK refused"},
        {0x04, "protocol error"},
        {0x05, "command not supported"},
        {0x06, "too many immediate commands"},
        {0x07, "task in progress"},
        {0x08, "invalid data acknowledgement"},
        {0x09, "invalid PDU field"},
        {0x0a, "out of resources"},
        {0x0b, "negotiation reset"},
        {0x0c, "waiting for logout"},
        {0x0d, "unknown reason"},
    };
    for (const auto& [reason, words] : reasons)
        EXPECT_EQ(reject_reason_in_words(reason), words) << int{reason};
}

}  // namespace
}  // namespace bootwire::iscsi
