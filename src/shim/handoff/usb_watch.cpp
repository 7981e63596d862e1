#include "handoff/usb_watch.h"

#include <utility>

#include "base/text.h"
#include "disk/layout.h"

namespace bootwire::handoff {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds tell_traffic_every = 10s;

std::string rate_text(uint64_t bytes, Milliseconds in) {
    const uint64_t tenths = bytes / 100'000 * 1000 / static_cast<uint64_t>(in.count());
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MB/s";
}

std::string sums_text(const Traffic& traffic) {
    return "read " + disk::size_text(traffic.read) + ", written " +
           disk::size_text(traffic.written);
}

/// "1.3 s", "45 s".
std::string duration_text(Milliseconds duration) {
    const auto tenths = duration.count() / 100;
    if (tenths >= 100) return std::to_string(tenths / 10) + " s";
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

}  // namespace

UsbWatch::Verdict UsbWatch::look(const UsbSample& sample, Moment now) {
    Verdict verdict;
    tell_of_host(sample, verdict);
    tell_of_session(sample, now, verdict);
    tell_of_medium(sample, verdict);
    tell_of_traffic(sample, now, verdict);
    before_ = sample;
    first_ = false;
    if (std::string changed = status(sample); changed != status_) {
        verdict.status = status_ = std::move(changed);
    }
    return verdict;
}

/// What is wrong stands in place of the traffic, which waits for it.
std::string UsbWatch::status(const UsbSample& sample) const {
    std::vector<std::string> parts;
    if (!host_text_.empty()) parts.push_back(host_text_);
    if (taken_out_) {
        parts.push_back("the disk is out until the target is back");
    } else if (!sample.connected) {
        parts.push_back("the connection to the target is lost");
    } else {
        if (sample.ejected) parts.push_back("ejected");
        if (!traffic_text_.empty()) parts.push_back(traffic_text_);
    }
    return join(parts, "; ");
}

void UsbWatch::tell_of_host(const UsbSample& sample, Verdict& verdict) {
    if (!first_ && sample.host == before_.host) return;
    switch (sample.host) {
        case UsbHost::absent:
            host_text_ = first_ ? "no computer is connected to the USB port yet"
                                : "the computer is not connected any more";
            break;
        case UsbHost::connecting:
            return;  // for a moment only
        case UsbHost::using_it:
            host_text_ =
                "a computer is connected" + (sample.speed.empty() ? "" : ", " + sample.speed);
            break;
        case UsbHost::asleep:
            host_text_ = "the computer sleeps";
            break;
    }
    const bool awakes = sample.host == UsbHost::using_it && before_.host == UsbHost::asleep;
    verdict.lines.push_back(awakes ? "the computer is awake again" : host_text_);
}

void UsbWatch::tell_of_session(const UsbSample& sample, Moment now, Verdict& verdict) {
    if (before_.connected && !sample.connected) {
        lost_at_ = now;
        verdict.lines.push_back("the connection to the target is lost; the computer has to wait");
    } else if (!before_.connected && sample.connected) {
        verdict.lines.push_back("the connection to the target is back after " +
                                duration_text(now - lost_at_));
    }
}

/// A medium that the computer ejected comes back when the computer has been away.
void UsbWatch::tell_of_medium(const UsbSample& sample, Verdict& verdict) {
    if (sample.disk_is_lost && !taken_out_) {
        taken_out_ = true;
        verdict.medium = Medium::take_out;
        verdict.lines.push_back("the target has been away for too long: the disk is taken out");
        return;
    }
    if (taken_out_) {
        if (sample.disk_is_lost) return;
        taken_out_ = false;
        verdict.medium = Medium::put_back;
        verdict.lines.push_back("the target is back: the disk is put in again");
        return;
    }
    if (!sample.ejected) return;
    if (!before_.ejected) verdict.lines.push_back("the computer has ejected a disk");
    const bool was_away = before_.host == UsbHost::absent || before_.host == UsbHost::connecting;
    if (before_.ejected && was_away && sample.host == UsbHost::using_it) {
        verdict.medium = Medium::put_in;
        verdict.lines.push_back("what was ejected is put in again");
    }
}

void UsbWatch::tell_of_traffic(const UsbSample& sample, Moment now, Verdict& verdict) {
    const Milliseconds since = now - told_at_;
    if (first_) {
        told_at_ = now;
        told_ = sample.traffic;
        return;
    }
    if (since < tell_traffic_every) return;
    told_at_ = now;
    if (sample.traffic == told_) {
        if (!traffic_text_.empty()) traffic_text_ = sums_text(told_) + ", idle";
        return;
    }
    traffic_text_ = "read " + disk::size_text(sample.traffic.read) + " (" +
                    rate_text(sample.traffic.read - told_.read, since) + "), written " +
                    disk::size_text(sample.traffic.written) + " (" +
                    rate_text(sample.traffic.written - told_.written, since) + ")";
    verdict.lines.push_back(traffic_text_);
    told_ = sample.traffic;
}

}  // namespace bootwire::handoff
