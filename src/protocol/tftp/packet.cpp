#include "tftp/packet.h"

#include "base/ascii.h"

namespace bootwire::tftp {

namespace {

enum Code : uint16_t { read_request = 1, data = 3, acknowledgement = 4, failure = 5, options = 6 };

std::vector<uint8_t> begin(Code code, size_t number_size) {
    std::vector<uint8_t> packet(2 + number_size);
    store_be16(packet.data(), code);
    return packet;
}

void append(std::vector<uint8_t>& packet, std::string_view text) {
    packet.insert(packet.end(), text.begin(), text.end());
    packet.push_back(0);
}

/// Up to the zero byte, which is taken, too; nothing if there is none.
std::optional<std::string_view> take_text(std::string_view& rest) {
    const size_t end = rest.find('\0');
    if (end == rest.npos) return std::nullopt;
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return text;
}

std::optional<Answer> parse_options(std::string_view rest) {
    OptionsTaken taken;
    while (!rest.empty()) {
        const auto name = take_text(rest);
        const auto value = name ? take_text(rest) : std::nullopt;
        if (!value) return std::nullopt;
        taken.options.push_back({lower(*name), std::string(*value)});
    }
    return taken;
}

}  // namespace

std::optional<Answer> parse_answer(Bytes packet) {
    Reader reader(packet);
    const auto code = reader.be16();
    if (!code) return std::nullopt;
    if (*code == options) return parse_options(text_of(packet.subspan(2)));
    const auto number = reader.be16();
    if (!number) return std::nullopt;
    if (*code == data) return Data{*number, packet.subspan(4)};
    if (*code != failure) return std::nullopt;
    std::string_view text = text_of(packet.subspan(4));
    text = text.substr(0, text.find('\0'));  // some servers leave it out
    return Failure{*number, std::string(text)};
}

std::vector<uint8_t> build_request(std::string_view path, const std::vector<Option>& wishes) {
    std::vector<uint8_t> packet = begin(read_request, 0);
    append(packet, path);
    append(packet, "octet");
    for (const Option& wish : wishes) {
        append(packet, wish.name);
        append(packet, wish.value);
    }
    return packet;
}

std::vector<uint8_t> build_acknowledgement(uint16_t block) {
    std::vector<uint8_t> packet = begin(acknowledgement, 2);
    store_be16(&packet[2], block);
    return packet;
}

std::vector<uint8_t> build_failure(uint16_t code, std::string_view text) {
    std::vector<uint8_t> packet = begin(failure, 2);
    store_be16(&packet[2], code);
    append(packet, text);
    return packet;
}

}  // namespace bootwire::tftp
