#include "http/response.h"

#include <gtest/gtest.h>

namespace bootwire::http {
namespace {

/// What comes of an answer that arrives in pieces of so many bytes.
struct Read {
    std::string body;
    Status status;
    bool done = false, absent = false;
    Status end;

    explicit Read(std::string_view answer, size_t piece = 1000, uint64_t most = 1000) {
        Response response(most);
        for (size_t at = 0; at < answer.size() && status; at += piece) {
            status = response.take(bytes_of(answer.substr(at, piece)),
                                   [this](Bytes bytes) { body += text_of(bytes); });
        }
        done = response.done();
        absent = response.absent();
        end = response.end();
    }
    std::string why() const { return status ? "" : status.error().to_string(); }
};

TEST(Request, is_for_the_file_and_ends_the_connection) {
    EXPECT_EQ(build_request("nas.lan:8080", "/pi/m"),
              "GET /pi/m HTTP/1.1\r\nHost: nas.lan:8080\r\nUser-Agent: bootwire\r\n"
              "Accept-Encoding: identity\r\nConnection: close\r\n\r\n");
}

TEST(Response, with_a_length_is_done_when_so_much_has_come) {
    for (const size_t piece : {1u, 3u, 1000u}) {
        const Read read("HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH:  5 \r\n\r\nhello and more",
                        piece);
        EXPECT_EQ(read.why(), "");
        EXPECT_EQ(read.body, "hello");
        EXPECT_TRUE(read.done);
    }
    EXPECT_TRUE(Read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").done);
}

TEST(Response, without_a_length_ends_with_the_connection) {
    const Read read("HTTP/1.0 200 OK\n\nhello");
    EXPECT_EQ(read.body, "hello");
    EXPECT_FALSE(read.done);
    EXPECT_TRUE(read.end);
}

TEST(Response, in_chunks_is_put_together) {
    const std::string answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n"
        "5;ext=1\r\nhello\r\n0A\r\n, modules!\r\n0\r\nSum: 1\r\n\r\nmore";
    for (const size_t piece : {1u, 2u, 1000u}) {
        const Read read(answer, piece);
        EXPECT_EQ(read.why(), "");
        EXPECT_EQ(read.body, "hello, modules!");
        EXPECT_TRUE(read.done);
    }
}

TEST(Response, that_breaks_off_may_come_whole_the_next_time) {
    for (const char* answer :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"}) {
        const Read read(answer);
        EXPECT_EQ(read.why(), "") << answer;
        ASSERT_FALSE(read.end) << answer;
        EXPECT_EQ(read.end.error().remedy, Remedy::waiting_helps);
    }
}

TEST(Response, says_that_there_is_no_such_file) {
    for (const char* answer : {"HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 410\r\n\r\n"}) {
        const Read read(answer);
        EXPECT_EQ(read.why(), "there is no such file");
        EXPECT_TRUE(read.absent);
    }
}

TEST(Response, that_sends_on_is_not_followed_and_says_where_to) {
    const Read read("HTTP/1.1 302 Found\r\nLocation: https://nas.lan/m\r\n\r\n");
    EXPECT_EQ(read.why(), "the server sends on to https://nas.lan/m (name that address itself)");
    EXPECT_EQ(Read("HTTP/1.1 301\r\n\r\n").why(),
              "the server sends on to another address (name that address itself)");
}

TEST(Response, of_another_kind_is_no_file) {
    const Read busy("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    EXPECT_EQ(busy.why(), "the server answers 503 Service Unavailable");
    EXPECT_EQ(busy.status.error().remedy, Remedy::waiting_helps);
    const Read refused("HTTP/1.1 403 Forbidden\r\n\r\n");
    EXPECT_EQ(refused.why(), "the server answers 403 Forbidden");
    EXPECT_EQ(refused.status.error().remedy, Remedy::operator_must_act);
    EXPECT_EQ(Read("HTTP/1.1 206 Partial Content\r\n\r\n").why(),
              "the server answers 206 Partial Content");
}

TEST(Response, that_is_too_large_is_refused_before_it_comes) {
    const auto with_length = [](const char* size) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + std::string(size) + "\r\n\r\n";
    };
    EXPECT_EQ(Read(with_length("1000")).why(), "");
    EXPECT_EQ(Read(with_length("1001")).why(), "it is too large");
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(Read(chunked + "3e8\r\n").why(), "");
    EXPECT_EQ(Read(chunked + "3e9\r\n").why(), "it is too large");
    EXPECT_EQ(Read(chunked + "1\r\nx\r\n3e8\r\n").why(), "it is too large");
    EXPECT_EQ(Read(chunked + "ffffffffffffffff\r\n").why(), "it is too large");
    EXPECT_EQ(Read("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), 1).why(), "it is too large");
}

TEST(Response, that_is_not_http_is_refused) {
    for (const char* answer :
         {"SSH-2.0-OpenSSH\r\n", "HTTP/2 200 OK\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 2000 OK\r\n",
          "HTTP/1.1  200\r\n", "HTTP/1.1 099 x\r\n", "HTTP/1.1 20\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\n: x\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: x\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n"}) {
        EXPECT_EQ(Read(answer).why(), "the server's answer is not HTTP") << answer;
    }
    EXPECT_EQ(Read("HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x')).why(),
              "the server's answer is not HTTP");
}

TEST(Response, in_an_encoding_that_nobody_asked_for_is_refused) {
    EXPECT_EQ(Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n").why(),
              "the server sends it as gzip, chunked, which bootwire cannot read");
}

TEST(Response, may_have_many_chunks) {
    std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 900; ++i)
        answer += "00000000000001;0123456789\r\nx\r\n";
    const Read read(answer + "0\r\n\r\n");
    EXPECT_EQ(read.why(), "");
    EXPECT_TRUE(read.done);
    EXPECT_EQ(read.body, std::string(900, 'x'));
}

}  // namespace
}  // namespace bootwire::http
