#include "seed/identity.h"

#include <nettle/hmac.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/host_name.h"
#include "base/text.h"

namespace bootwire::seed {

namespace {

constexpr size_t longest_label = 63;  // RFC 1035
constexpr size_t suffix_digits = 6;

/// Of what it is for and of the machine, each ended by a NUL.
Ed25519Bytes derived(std::string_view secret, std::string_view purpose, const Machine& machine) {
    hmac_sha256_ctx context;
    nettle_hmac_sha256_set_key(&context, secret.size(), bytes_of(secret).data());
    for (const std::string_view part :
         {purpose, std::string_view(machine.board), std::string_view(machine.target)}) {
        constexpr uint8_t end = 0;
        nettle_hmac_sha256_update(&context, part.size(), bytes_of(part).data());
        nettle_hmac_sha256_update(&context, 1, &end);
    }
    Ed25519Bytes digest{};
    nettle_hmac_sha256_digest(&context, digest.size(), digest.data());
    return digest;
}

std::string suffix_of(const Machine& machine) {
    std::string digits;
    for (const char c : machine.board) {
        if (is_letter_or_digit(c)) digits += to_lower(c);
    }
    return digits.size() <= suffix_digits ? digits : digits.substr(digits.size() - suffix_digits);
}

bool is_loopback(std::string_view address) {
    return address.starts_with("127.") || address == "::1";
}

/// Words and what is between them, with the name in place of the old one.
std::string line_with(std::string_view line, std::string_view old, std::string_view name) {
    std::string text;
    while (!line.empty()) {
        const size_t blank = line.find_first_of(" \t");
        const std::string_view word = line.substr(0, blank);
        text += word == old ? name : word;
        line.remove_prefix(word.size());
        const size_t next = std::min(line.find_first_not_of(" \t"), line.size());
        text += line.substr(0, next);
        line.remove_prefix(next);
    }
    return text;
}

}  // namespace

std::string machine_id(const Machine& machine) {
    Ed25519Bytes bytes = derived("bootwire", "machine-id", machine);
    // As systemd makes its own, a UUID of version 4 (RFC 9562).
    bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
    std::string digits;
    for (const uint8_t byte : Bytes(bytes).first(16)) {
        constexpr char hex_digits[] = "0123456789abcdef";
        digits += {hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
    return digits;
}

std::string host_name(const Machine& machine, std::string_view old) {
    if (!machine.host_name.empty()) return machine.host_name;
    const std::string suffix = "-" + suffix_of(machine);
    std::string base(old.substr(0, old.find('.')));
    if (!is_host_name(base) || base == "localhost") base = "pi";
    if (base.ends_with(suffix)) return base;
    return base.substr(0, longest_label - suffix.size()) + suffix;
}

std::string hosts_with(std::string_view hosts, std::string_view old, std::string_view name) {
    if (old.empty() || old == "localhost") return std::string(hosts);
    std::string text;
    for (const std::string_view line : split(hosts, '\n')) {
        const auto words = split_words(line);
        const bool ours = !words.empty() && is_loopback(words.front());
        text += ours ? line_with(line, old, name) : line;
        text += '\n';
    }
    text.pop_back();  // split() gives one piece more than there are line ends
    return text;
}

Ed25519Bytes ssh_private_key(const Machine& machine, std::string_view secret) {
    return derived(secret, "ssh-host-key", machine);
}

}  // namespace bootwire::seed
