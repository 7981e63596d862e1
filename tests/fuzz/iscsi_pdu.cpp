// Any bytes as a stream of PDUs: cut into frames, decoded as every type and encoded again.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "iscsi/async.h"
#include "iscsi/frame.h"
#include "iscsi/pdu_scsi.h"
#include "iscsi/scsi.h"
#include "iscsi_initiator/async_words.h"

using namespace bootwire;
using namespace bootwire::iscsi;

namespace {

/// What is decoded and encoded must decode to what encodes the same.
template <class Pdu>
void round_trip(BhsView bhs) {
    const auto pdu = Pdu::decode(bhs);
    if (!pdu) return;
    const Bhs once = pdu->encode();
    const auto again = Pdu::decode(once);
    if (!again || again->encode() != once) std::abort();
}

/// Segments that are known say the same once they are written and read again.
void look_at_additional(Bytes segments) {
    const auto header = AdditionalHeader::decode(segments);
    if (!header) return;
    std::array<uint8_t, 1024> to;
    const Bytes once = header->encode(to);
    const auto again = AdditionalHeader::decode(once);
    if (once.size() != header->size() || once.size() > segments.size() || !again ||
        again->read_length != header->read_length ||
        !std::ranges::equal(again->more_cdb, header->more_cdb)) {
        std::abort();
    }
}

void look_at(const PduView& pdu) {
    round_trip<LoginRequestPdu>(pdu.bhs);
    round_trip<LoginResponsePdu>(pdu.bhs);
    round_trip<TextRequestPdu>(pdu.bhs);
    round_trip<TextResponsePdu>(pdu.bhs);
    round_trip<LogoutRequestPdu>(pdu.bhs);
    round_trip<LogoutResponsePdu>(pdu.bhs);
    round_trip<NopOutPdu>(pdu.bhs);
    round_trip<NopInPdu>(pdu.bhs);
    round_trip<AsyncMessagePdu>(pdu.bhs);
    round_trip<RejectPdu>(pdu.bhs);
    round_trip<ScsiCommandPdu>(pdu.bhs);
    round_trip<ScsiResponsePdu>(pdu.bhs);
    round_trip<DataOutPdu>(pdu.bhs);
    round_trip<DataInPdu>(pdu.bhs);
    round_trip<ReadyToTransferPdu>(pdu.bhs);
    round_trip<TaskManagementRequestPdu>(pdu.bhs);
    round_trip<TaskManagementResponsePdu>(pdu.bhs);
    if (const auto message = AsyncMessagePdu::decode(pdu.bhs)) describe(decode_async(*message));
    rejected_header_in(pdu.data);
    sense_in(pdu.data);
    decode_report_luns(pdu.data);
    decode_inquiry(pdu.data);
    const Lun lun{load_be64(&pdu.bhs[8])};
    if (Lun::from_linux(lun.to_linux()) != lun) std::abort();
}

/// Both readers see the same PDUs, and end for the same reason: this one sooner, where the header
/// is wrong of a PDU that never comes to its end. Gives how many there were.
size_t read_header_first(Bytes stream, Digests digests, size_t piece, FrameState& end) {
    std::array<uint8_t, 4096> place;
    HeaderFirstReader frames(place.size());
    frames.use_digests(digests);
    size_t count = 0;
    while (!stream.empty()) {
        if (frames.has_header()) {
            frames.put_data(MutableBytes(place).first(data_length_of(frames.bhs())));
        }
        stream = stream.subspan(frames.feed(stream.first(std::min(piece, stream.size()))));
        if (frames.state() == FrameState::needs_more) continue;
        if (frames.state() != FrameState::ready) break;
        ++count;
        frames.next();
    }
    end = frames.state();
    return count;
}

}  // namespace

/// The first byte says which digests are used and in which pieces the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    static std::array<uint8_t, longest_frame(4096) + 1024> storage;
    FrameReader frames(storage);
    const Digests digests{(data[0] & 1) != 0, (data[0] & 2) != 0};
    const size_t piece = size_t{data[0]} / 4 + 1;
    frames.use_digests(digests);
    Bytes rest(data + 1, size - 1);
    FrameState end{};
    const size_t expected = read_header_first(rest, digests, piece, end);
    size_t count = 0;
    while (!rest.empty()) {
        rest = rest.subspan(frames.feed(rest.first(std::min(piece, rest.size()))));
        if (frames.state() == FrameState::needs_more) continue;
        if (frames.state() != FrameState::ready) break;
        look_at(frames.pdu());
        look_at_additional(frames.additional_header());
        Bhs bhs;
        std::ranges::copy(frames.pdu().bhs, bhs.begin());
        ++count;
        static std::array<uint8_t, storage.size()> again;
        if (write_frame(bhs, frames.pdu().data, digests, again, frames.additional_header()) !=
            frame_size(bhs, digests)) {
            std::abort();
        }
        frames.next();
    }
    const bool one_is_short = end == FrameState::too_long || frames.state() == FrameState::too_long;
    if (!one_is_short && (count != expected ||
                          (frames.state() != end && frames.state() != FrameState::needs_more))) {
        std::abort();
    }
    return 0;
}
