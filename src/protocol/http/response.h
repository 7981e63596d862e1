// What an HTTP server answers to a request for one file (RFC 9110, RFC 9112), as its bytes come.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

namespace bootwire::http {

/// GET for the path at that host ("nas.lan:8080"), after which the connection ends.
std::string build_request(std::string_view host, std::string_view path);

class Response {
  public:
    /// most: bytes of the body; more is an error.
    explicit Response(uint64_t most) : most_(most) {}

    /// Takes what has come next, and hands on what of it belongs to the body. An error: the answer
    /// is none that can be used, and nothing more of it is wanted.
    Status take(Bytes bytes, const std::function<void(Bytes)>& body);
    /// The server has ended the connection: an error if something is missing.
    Status end();
    bool done() const { return place_ == Place::done; }
    /// After an error: has the server no such file?
    bool absent() const { return absent_; }
    uint64_t received() const { return received_; }

  private:
    enum class Place : uint8_t {
        head,
        body,        ///< as long as it was said to be, or up to the end
        chunk_size,  ///< RFC 9112 section 7.1
        chunk,
        chunk_end,
        trailer,
        done,
    };

    Status take_line(std::string_view line);
    Status take_head_line(std::string_view line);
    Status take_status(std::string_view line);
    Status take_field(std::string_view name, std::string_view value);
    Status begin_body();
    Status take_chunk_size(std::string_view line);
    Status take_body(Bytes& bytes, const std::function<void(Bytes)>& body);
    bool is_in_lines() const { return place_ != Place::body && place_ != Place::chunk; }

    uint64_t most_;
    Place place_ = Place::head;
    std::string line_;  // what has come of it
    size_t head_size_ = 0;
    std::optional<unsigned> status_;
    std::string reason_;
    std::string location_;
    bool chunked_ = false;
    std::optional<uint64_t> length_;
    std::optional<uint64_t> left_;  // of the body or chunk; nothing: up to the end
    uint64_t received_ = 0;
    bool absent_ = false;
};

}  // namespace bootwire::http
