#include "http/response.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace bootwire::http {

namespace {

constexpr size_t largest_head = 16 * 1024;  // the trailer counts, too
constexpr std::string_view too_large = "it is too large";

std::unexpected<Error> no_http() {
    return fail("the server's answer is not HTTP");
}

}  // namespace

std::string build_request(std::string_view host, std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) +
           "\r\nUser-Agent: bootwire\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n";
}

Status Response::take(Bytes bytes, const std::function<void(Bytes)>& body) {
    while (!bytes.empty() && place_ != Place::done) {
        if (!is_in_lines()) {
            if (auto taken = take_body(bytes, body); !taken) return taken;
            continue;
        }
        const char c = static_cast<char>(bytes.front());
        bytes = bytes.subspan(1);
        if (++head_size_ > largest_head) return no_http();
        if (c != '\n') {
            line_ += c;
            continue;
        }
        if (line_.ends_with('\r')) line_.pop_back();
        const auto taken = take_line(line_);
        line_.clear();
        if (!taken) return taken;
    }
    return {};
}

Status Response::take_line(std::string_view line) {
    switch (place_) {
        case Place::head:
            return take_head_line(line);
        case Place::chunk_size:
            return take_chunk_size(line);
        case Place::chunk_end:
            place_ = Place::chunk_size;
            return line.empty() ? Status() : no_http();
        case Place::trailer:
            if (line.empty()) place_ = Place::done;
            return {};
        case Place::body:
        case Place::chunk:
        case Place::done:
            break;
    }
    return {};
}

Status Response::take_head_line(std::string_view line) {
    if (!status_) return take_status(line);
    if (line.empty()) return begin_body();
    const size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) return no_http();
    return take_field(line.substr(0, colon), trim(line.substr(colon + 1)));
}

/// "HTTP/1.1 404 Not Found"
Status Response::take_status(std::string_view line) {
    const bool is_http =
        line.starts_with("HTTP/1.") && line.size() >= 12 && is_digit(line[7]) && line[8] == ' ';
    const auto number = is_http ? parse_number<unsigned>(line.substr(9, 3)) : std::nullopt;
    if (!number || *number < 100 || (line.size() > 12 && line[12] != ' ')) return no_http();
    status_ = number;
    reason_ = line.substr(9);
    return {};
}

Status Response::take_field(std::string_view name, std::string_view value) {
    if (same_ignoring_case(name, "location")) location_ = value;
    if (same_ignoring_case(name, "transfer-encoding")) {
        if (!same_ignoring_case(value, "chunked")) {
            return fail("the server sends it as " + printable(value, 60) +
                        ", which bootwire cannot read");
        }
        chunked_ = true;
    }
    if (same_ignoring_case(name, "content-length")) {
        const auto number = parse_number<uint64_t>(value);
        if (!number || (length_ && *length_ != *number)) return no_http();
        length_ = number;
    }
    return {};
}

Status Response::begin_body() {
    if (*status_ >= 300 && *status_ < 400) {
        return fail("the server sends on to " +
                        (location_.empty() ? "another address" : printable(location_, 160)),
                    "name that address itself");
    }
    if (*status_ != 200) {
        absent_ = *status_ == 404 || *status_ == 410;
        if (absent_) return fail("there is no such file");
        std::string what = "the server answers " + printable(reason_, 80);
        return *status_ >= 500 ? fail_for_now(std::move(what)) : fail(std::move(what));
    }
    if (chunked_) {
        place_ = Place::chunk_size;
        return {};
    }
    if (length_ && *length_ > most_) return fail(std::string(too_large));
    left_ = length_;
    place_ = left_ == 0u ? Place::done : Place::body;
    return {};
}

/// In hexadecimal; what follows a semicolon is an extension.
Status Response::take_chunk_size(std::string_view line) {
    const auto size = parse_number<uint64_t>(trim(line.substr(0, line.find(';'))), 16);
    if (!size) return no_http();
    if (*size > most_ - received_) return fail(std::string(too_large));
    left_ = size;
    place_ = *size == 0 ? Place::trailer : Place::chunk;
    head_size_ = 0;
    return {};
}

Status Response::take_body(Bytes& bytes, const std::function<void(Bytes)>& body) {
    const auto count =
        static_cast<size_t>(std::min<uint64_t>(bytes.size(), left_.value_or(bytes.size())));
    if (count > most_ - received_) return fail(std::string(too_large));
    body(bytes.first(count));
    received_ += count;
    bytes = bytes.subspan(count);
    if (!left_) return {};
    *left_ -= count;
    if (*left_ == 0) place_ = place_ == Place::chunk ? Place::chunk_end : Place::done;
    return {};
}

Status Response::end() {
    if (place_ == Place::body && !left_) place_ = Place::done;
    if (place_ == Place::done) return {};
    return fail_for_now("the server has ended the connection too early");
}

}  // namespace bootwire::http
