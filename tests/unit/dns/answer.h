// Composes answers of a DNS server for the tests, names uncompressed.
#pragma once

#include <string_view>
#include <vector>

#include "base/text.h"
#include "dns/message.h"

namespace bootwire::dns {

class Answer {
  public:
    Answer(uint16_t id, std::string_view name, RecordType type, uint8_t code = 0) {
        bytes_ = build_query(id, name, type).value();
        bytes_[2] = 0x81;
        bytes_[3] = static_cast<uint8_t>(0x80 | code);
    }

    Answer& a(std::string_view name, uint8_t last, uint32_t lifetime) {
        const uint8_t address[] = {10, 0, 0, last};
        return record(name, 1, lifetime, address);
    }
    Answer& aaaa(std::string_view name, uint8_t last, uint32_t lifetime) {
        const uint8_t address[16] = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
        return record(name, 28, lifetime, address);
    }
    Answer& cname(std::string_view name, std::string_view alias) {
        return record(name, 5, 60, encode(alias));
    }
    Answer& truncated() {
        bytes_[2] |= 2;
        return *this;
    }
    const std::vector<uint8_t>& bytes() const { return bytes_; }

  private:
    static std::vector<uint8_t> encode(std::string_view name) {
        std::vector<uint8_t> encoded;
        for (const auto label : split(name, '.')) {
            encoded.push_back(static_cast<uint8_t>(label.size()));
            encoded.insert(encoded.end(), label.begin(), label.end());
        }
        encoded.push_back(0);
        return encoded;
    }
    Answer& record(std::string_view name, uint16_t type, uint32_t lifetime, Bytes data) {
        const auto encoded = encode(name);
        bytes_.insert(bytes_.end(), encoded.begin(), encoded.end());
        uint8_t header[10];
        store_be16(header, type);
        store_be16(header + 2, 1);
        store_be32(header + 4, lifetime);
        store_be16(header + 8, static_cast<uint16_t>(data.size()));
        bytes_.insert(bytes_.end(), header, header + sizeof header);
        bytes_.insert(bytes_.end(), data.begin(), data.end());
        ++bytes_[7];
        return *this;
    }

    std::vector<uint8_t> bytes_;
};

}  // namespace bootwire::dns
