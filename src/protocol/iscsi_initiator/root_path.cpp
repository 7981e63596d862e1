#include "iscsi_initiator/root_path.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/ascii.h"
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

struct Escape {
    std::string_view text;
    char meaning;
};

/// What divides root paths and their pieces, and the sign itself. Any other '%' is a '%': secrets
/// have had them before there were escapes.
constexpr std::array escapes{Escape{"%3A", ':'}, Escape{"%40", '@'}, Escape{"%20", ' '},
                             Escape{"%25", '%'}};

const Escape* escape_at(std::string_view text) {
    const auto is_it = [&](const Escape& escape) {
        return same_ignoring_case(text.substr(0, escape.text.size()), escape.text);
    };
    const auto found = std::ranges::find_if(escapes, is_it);
    return found == escapes.end() ? nullptr : &*found;
}

std::string without_escapes(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const Escape* const escape = escape_at(text);
        result += escape != nullptr ? escape->meaning : text.front();
        text.remove_prefix(escape != nullptr ? escape->text.size() : 1);
    }
    return result;
}

bool has_escape(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(1)) {
        if (escape_at(text) != nullptr) return true;
    }
    return false;
}

/// An iSCSI name that has a colon within mostly: people take the initiator's for a user name.
bool begins_iqn(std::string_view piece) {
    return same_ignoring_case(piece.substr(0, 4), "iqn.");
}

using Pieces = std::vector<std::string>;

/// An iqn's colon is put back where only one reading is left: USER:SECRET and, if the first user is
/// no iqn, REVERSE_USER:REVERSE_SECRET behind it.
void join_iqn(Pieces& pieces) {
    const auto join = [&](size_t i) {
        pieces[i] += ":" + pieces[i + 1];
        pieces.erase(pieces.begin() + static_cast<ptrdiff_t>(i) + 1);
    };
    if (pieces.size() == 3 && begins_iqn(pieces[0])) join(0);
    if (pieces.size() == 5 && !begins_iqn(pieces[0]) && begins_iqn(pieces[2])) join(2);
}

/// USER, SECRET and perhaps those of the other direction. Nobody is asked for a proof, or spared
/// it, because of a colon that belongs to a name.
Result<Pieces> divide_credentials(std::string_view text) {
    const auto parts = split(text, ':');
    Pieces pieces(parts.begin(), parts.end());
    const bool is_exact = has_escape(text);
    if (!is_exact) {
        const bool is_name = begins_iqn(pieces[0]);
        join_iqn(pieces);
        if (is_name && pieces.size() > 2) {
            return fail(
                "root path: whether the iSCSI name before '@' has further colons, or a login of "
                "the target (mutual CHAP) follows, cannot be told",
                "write each ':' within a name or secret as %3A");
        }
    }
    if (pieces.size() != 2 && pieces.size() != 4) {
        return fail(
            "root path: what stands before '@' is not USER:SECRET or "
            "USER:SECRET:REVERSE_USER:REVERSE_SECRET",
            "write each ':' within a name or secret as %3A; " + std::string(form));
    }
    for (std::string& piece : pieces)
        piece = without_escapes(piece);
    return pieces;
}

Status take_credentials(std::string_view& rest, RootPath& path) {
    const size_t at = rest.rfind('@');
    if (at == rest.npos) return {};
    const auto text = rest.substr(0, at);
    rest = rest.substr(at + 1);
    if (text.empty()) return {};
    const auto pieces = divide_credentials(text);
    if (!pieces) return std::unexpected(pieces.error());
    path.chap = RootPathCredentials{pieces->at(0), pieces->at(1)};
    if (pieces->size() == 4) path.mutual_chap = RootPathCredentials{pieces->at(2), pieces->at(3)};
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
