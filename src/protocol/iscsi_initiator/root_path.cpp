#include "iscsi_initiator/root_path.h"

#include <cstdio>

#include "base/text.h"

namespace bootwire::iscsi {

namespace {

constexpr std::string_view form =
    "expected iscsi:SERVER:[PROTOCOL]:[PORT]:[LUN]:TARGET, for example "
    "iscsi:192.168.1.5:::1:iqn.2026-11.example:disk";

std::unexpected<Error> fail_piece(std::string_view piece, std::string_view value,
                                  std::string_view wanted) {
    return fail("root path: " + std::string(piece) + " \"" + printable(value, 80) + "\" is not " +
                    std::string(wanted),
                std::string(form));
}

/// With ':' typed for '@', a login's secret comes where protocol, port or LUN is expected.
bool may_be_shown(std::string_view value) {
    constexpr size_t longest_number = 5;
    return value.size() <= longest_number &&
           value.find_first_not_of("0123456789abcdefxABCDEFX-") == value.npos;
}

std::unexpected<Error> fail_number(std::string_view piece, std::string_view value,
                                   std::string_view wanted) {
    if (may_be_shown(value)) return fail_piece(piece, value, wanted);
    return fail("root path: " + std::string(piece) + " (not shown, it may be a secret) is not " +
                    std::string(wanted) + "; a login is divided from the server by '@'",
                std::string(form));
}

/// Cuts off what stands before the next colon.
std::string_view take_piece(std::string_view& rest) {
    const size_t colon = rest.find(':');
    const auto piece = rest.substr(0, colon);
    rest = colon == rest.npos ? std::string_view{} : rest.substr(colon + 1);
    return piece;
}

Status take_credentials(std::string_view& rest, RootPath& path) {
    const size_t at = rest.rfind('@');
    if (at == rest.npos) return {};
    const auto pieces = split(rest.substr(0, at), ':');
    rest = rest.substr(at + 1);
    if (pieces.size() == 1 && pieces[0].empty()) return {};
    if (pieces.size() != 2 && pieces.size() != 4) {
        return fail(
            "root path: what stands before '@' is not USER:SECRET or "
            "USER:SECRET:REVERSE_USER:REVERSE_SECRET",
            std::string(form));
    }
    path.chap = RootPathCredentials{std::string(pieces[0]), std::string(pieces[1])};
    if (pieces.size() == 4) {
        path.mutual_chap = RootPathCredentials{std::string(pieces[2]), std::string(pieces[3])};
    }
    return {};
}

Status take_server(std::string_view& rest, RootPath& path) {
    if (!rest.starts_with('[')) {
        const auto server = take_piece(rest);
        if (!server.empty() && !is_host(server)) {
            return fail_piece("the server", server, "an IPv4 address, [IPv6 address] or host name");
        }
        path.server = server;
        return {};
    }
    const size_t end = rest.find(']');
    if (end == rest.npos)
        return fail("root path: the server is not closed by ']'", std::string(form));
    const auto server = rest.substr(1, end - 1);
    const auto address = IpAddress::parse(server);
    if (!address || address->is_v4()) {
        return fail_piece("the server", server, "an IPv6 address");
    }
    path.server = server;
    rest = rest.substr(end + 1);
    if (!rest.empty() && !take_piece(rest).empty()) {
        return fail("root path: ':' is missing after the server's ']'", std::string(form));
    }
    return {};
}

}  // namespace

Result<RootPath> parse_root_path(std::string_view text) {
    constexpr std::string_view scheme = "iscsi:";
    if (!text.starts_with(scheme)) {
        return fail("root path: it does not begin with \"iscsi:\"", std::string(form));
    }
    std::string_view rest = text.substr(scheme.size());
    RootPath path;
    if (auto status = take_credentials(rest, path); !status) return std::unexpected(status.error());
    if (auto status = take_server(rest, path); !status) return std::unexpected(status.error());

    const auto protocol = take_piece(rest);
    if (!protocol.empty() && protocol != "6") {
        return fail_number("the protocol", protocol, "6 (TCP) or empty");
    }
    const auto port_text = take_piece(rest);
    if (!port_text.empty()) {
        const auto port = parse_number<uint16_t>(port_text);
        if (!port || *port == 0) return fail_number("the port", port_text, "a number 1 to 65535");
        path.port = *port;
    }
    const auto lun_text = take_piece(rest);
    const auto lun = Lun::parse(lun_text);
    if (!lun) {
        return fail_number("the LUN", lun_text,
                           "hexadecimal (\"1\", \"a\" or grouped \"0001-0000-0000-0000\")");
    }
    path.lun = *lun;
    path.lun_given = !lun_text.empty();
    path.target = rest;
    return path;
}

RootPaths parse_root_paths(std::string_view text) {
    while (text.ends_with('\0'))
        text.remove_suffix(1);
    RootPaths result;
    for (const auto word : split_words(text)) {
        if (result.paths.size() + result.errors.size() == max_root_paths) break;
        if (auto path = parse_root_path(word)) {
            result.paths.push_back(std::move(*path));
        } else {
            result.errors.push_back(path.error());
        }
    }
    return result;
}

std::string RootPath::to_string() const {
    const std::string host = server.find(':') != server.npos ? "[" + server + "]" : server;
    std::string level;
    if (lun_given) {
        char text[24];
        std::snprintf(text, sizeof text, "%x-%x-%x-%x", static_cast<unsigned>(lun.wire >> 48),
                      static_cast<unsigned>(lun.wire >> 32 & 0xffff),
                      static_cast<unsigned>(lun.wire >> 16 & 0xffff),
                      static_cast<unsigned>(lun.wire & 0xffff));
        level = text;
        constexpr std::string_view simple = "-0-0-0";
        if (level.ends_with(simple)) level.resize(level.size() - simple.size());
    }
    return "iscsi:" + host + "::" + std::to_string(port) + ":" + level + ":" + target;
}

}  // namespace bootwire::iscsi
