#include "iscsi/scsi.h"

#include <algorithm>

namespace bootwire::iscsi {

namespace {

constexpr size_t report_luns_header = 8;
constexpr size_t lun_size = 8;

template <size_t capacity>
void take_text(Bytes data, size_t offset, FixedText<capacity>& to) {
    if (data.size() < offset + capacity) return;
    const std::string_view text = text_of(data.subspan(offset, capacity));
    const size_t last = text.find_last_not_of(std::string_view(" \0", 2));
    to.assign(text.substr(0, last == text.npos ? 0 : last + 1));
}

}  // namespace

std::optional<Sense> decode_sense(Bytes data) {
    if (data.size() < 4) return std::nullopt;
    const uint8_t format = data[0] & 0x7f;
    if (format == 0x72 || format == 0x73) {
        return Sense{static_cast<uint8_t>(data[1] & 0x0f), data[2], data[3]};
    }
    if (format != 0x70 && format != 0x71) return std::nullopt;
    Sense sense{static_cast<uint8_t>(data[2] & 0x0f), 0, 0};
    if (data.size() >= 14) {
        sense.code = data[12];
        sense.qualifier = data[13];
    }
    return sense;
}

bool is_of_the_way(const Sense& sense) {
    const bool by_state = sense.key == sense_not_ready && sense.code == 0x04 &&
                          sense.qualifier >= 0x0a && sense.qualifier <= 0x0c;
    return by_state || (sense.key == sense_illegal_request && sense.code == 0x25);
}

bool tells_of_changed_access(const Sense& sense) {
    const bool announced =
        sense.key == sense_unit_attention && sense.code == 0x2a && sense.qualifier == 0x06;
    return announced || is_of_the_way(sense);
}

uint64_t report_luns_size(Bytes parameter_data) {
    if (parameter_data.size() < report_luns_header) return report_luns_header;
    return report_luns_header + uint64_t{load_be32(parameter_data.data())};
}

std::optional<std::vector<Lun>> decode_report_luns(Bytes parameter_data) {
    if (parameter_data.size() < report_luns_header) return std::nullopt;
    const size_t end = std::min<uint64_t>({report_luns_size(parameter_data), parameter_data.size(),
                                           report_luns_header + max_reported_luns * lun_size});
    std::vector<Lun> luns;
    for (size_t at = report_luns_header; at + lun_size <= end; at += lun_size) {
        luns.push_back(Lun{load_be64(&parameter_data[at])});
    }
    return luns;
}

std::optional<Inquiry> decode_inquiry(Bytes data) {
    if (data.size() < 5) return std::nullopt;
    Inquiry inquiry;
    inquiry.qualifier = static_cast<uint8_t>(data[0] >> 5);
    inquiry.type = static_cast<PeripheralType>(data[0] & 0x1f);
    const Bytes valid = data.first(std::min<size_t>(data.size(), size_t{data[4]} + 5));
    take_text(valid, 8, inquiry.vendor);
    take_text(valid, 16, inquiry.product);
    take_text(valid, 32, inquiry.revision);
    return inquiry;
}

}  // namespace bootwire::iscsi
