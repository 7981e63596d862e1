#include "session/stream_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace bootwire::session {
namespace {

using Kind = net::StreamProblem::Kind;

TEST(StreamError, says_what_the_target_did) {
    EXPECT_EQ(stream_error({Kind::closed, 0, {}}), "the target closed the connection");
    EXPECT_EQ(stream_error({Kind::cannot_receive, ECONNRESET, {}}),
              "cannot receive from the target: Connection reset by peer");
    EXPECT_EQ(stream_error({Kind::cannot_send, EPIPE, {}}),
              "cannot send to the target: Broken pipe");
    EXPECT_EQ(stream_error({Kind::takes_no_more, 0, {}}), "the target takes no more");
    EXPECT_EQ(stream_error({Kind::unreadable, 0, iscsi::FrameState::too_long}),
              "the target sent more than was asked for");
    EXPECT_EQ(stream_error({Kind::unreadable, 0, iscsi::FrameState::header_digest_wrong}),
              "a digest is wrong");
}

}  // namespace
}  // namespace bootwire::session
