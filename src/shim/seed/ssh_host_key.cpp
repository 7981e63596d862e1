#include "seed/ssh_host_key.h"

#include <string_view>

#include "base/bytes.h"

namespace bootwire::seed {

namespace {

constexpr std::string_view key_type = "ssh-ed25519";
constexpr size_t line_length = 70;  // of OpenSSH's own files
constexpr size_t block_size = 8;    // of the cipher "none"

std::string base64(std::string_view bytes) {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t at = 0; at < bytes.size(); at += 3) {
        uint32_t group = 0;
        for (size_t i = 0; i < 3; ++i) {
            const bool there = at + i < bytes.size();
            group = group << 8 | (there ? static_cast<uint8_t>(bytes[at + i]) : 0);
        }
        for (size_t i = 0; i < 4; ++i) {
            const bool there = at + i < bytes.size() + 1;
            text += there ? digits[group >> (18 - 6 * i) & 63] : '=';
        }
    }
    return text;
}

std::string number(size_t value) {
    uint8_t bytes[4];
    store_be32(bytes, static_cast<uint32_t>(value));
    return std::string(text_of(bytes));
}

/// RFC 4251 section 5, "string".
std::string with_length(std::string_view text) {
    return number(text.size()).append(text);
}

/// RFC 8709 section 4.
std::string public_blob(std::string_view public_key) {
    return with_length(key_type) + with_length(public_key);
}

std::string private_section(std::string_view private_key, std::string_view public_key,
                            std::string_view comment) {
    // Two equal numbers show whether a passphrase was right. There is none.
    std::string section = number(0) + number(0) + public_blob(public_key);
    section += with_length(std::string(private_key).append(public_key)) + with_length(comment);
    for (char pad = 1; section.size() % block_size != 0; ++pad)
        section += pad;
    return section;
}

}  // namespace

SshHostKey ssh_host_key(const Ed25519Bytes& private_key, const std::string& comment) {
    const Ed25519Bytes public_key = ed25519_public_key(private_key);
    const std::string_view ours = text_of(private_key), theirs = text_of(public_key);
    std::string file("openssh-key-v1\0", 15);
    file += with_length("none") + with_length("none") + with_length("") + number(1);
    file += with_length(public_blob(theirs)) + with_length(private_section(ours, theirs, comment));

    SshHostKey key;
    key.private_file = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    const std::string digits = base64(file);
    for (size_t at = 0; at < digits.size(); at += line_length)
        key.private_file += digits.substr(at, line_length) + '\n';
    key.private_file += "-----END OPENSSH PRIVATE KEY-----\n";
    key.public_file =
        std::string(key_type) + ' ' + base64(public_blob(theirs)) + ' ' + comment + '\n';
    return key;
}

}  // namespace bootwire::seed
