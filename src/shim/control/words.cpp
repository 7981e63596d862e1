#include <algorithm>
#include <cstdio>
#include <iterator>

#include "base/text.h"
#include "control/quantities.h"
#include "control/render.h"

namespace bootwire::control {

namespace {

/// Lines of a subject and what is to be said of it; an empty subject goes on with the one before.
/// No text makes lines of its own.
class Lines {
  public:
    void add(std::string_view subject, std::string_view text) {
        char head[16];
        std::snprintf(head, sizeof head, "%-11.*s", static_cast<int>(subject.size()),
                      subject.data());
        text_ += head;
        std::ranges::replace_copy_if(
            text, std::back_inserter(text_),
            [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
        text_ += '\n';
    }
    std::string text() && { return std::move(text_); }

  private:
    std::string text_;
};

std::string moment_in_words(const Report& report, Moment moment) {
    return time_in_words(report.started_at + moment);
}

std::string session_in_words(const Report& report) {
    const SessionReport& session = report.session;
    const std::string since = " since " + moment_in_words(report, session.since) + " (" +
                              duration_in_words(report.now - session.since) + ")";
    if (session.up) return "connected to " + session.portal + since;
    return "lost" + since;
}

std::string agreed_in_words(const Agreed& agreed) {
    std::string text = agreed.header_digest && agreed.data_digest ? "header and data digests"
                       : agreed.header_digest                     ? "header digests"
                       : agreed.data_digest                       ? "data digests"
                                                                  : "no digests";
    text += ", segments of " + std::to_string(agreed.max_recv_segment) + " bytes in and " +
            std::to_string(agreed.max_xmit_segment) + " out, bursts of " +
            std::to_string(agreed.max_burst);
    return text;
}

std::string disk_in_words(const DiskReport& disk) {
    std::string text = disk.name + ", LUN " + disk.lun;
    if (!disk.counters) return text;
    text += ": " + amount_in_words(disk.counters->read_bytes) + " read, " +
            amount_in_words(disk.counters->written_bytes) + " written";
    if (disk.counters->in_flight > 0)
        text += ", " + std::to_string(disk.counters->in_flight) + " requests under way";
    return text;
}

std::string overlay_in_words(const OverlayReport& overlay) {
    return amount_in_words(overlay.memory) + " of " + amount_in_words(overlay.limit) +
           " of memory for " + amount_in_words(overlay.changes) +
           " of changes: " + std::to_string(overlay.percent_full) + " %" +
           (overlay.percent_full < 100 ? "" : ", full: file systems are read-only until a restart");
}

std::string lost_lease_in_words(const Report& report) {
    const AddressReport& address = report.address;
    const bool ended = address.expiry && *address.expiry <= report.now;
    const std::string how = ended ? "ended " + moment_in_words(report, *address.expiry) + " (" +
                                        duration_in_words(report.now - *address.expiry) + " ago)"
                                  : "lost: " + address.lease_lost;
    return how + (address.given_back ? "; given back, the disk waits for another one"
                                     : "; the address is kept until another one is there");
}

std::string lease_in_words(const Report& report) {
    const AddressReport& address = report.address;
    if (!address.leased) return "none: the address is fixed";
    std::string text = "from " + address.server;
    if (!address.lease_lost.empty()) return text + ", " + lost_lease_in_words(report);
    if (!address.expiry) return text + ", for ever";
    text += ", ends " + moment_in_words(report, *address.expiry) + " (in " +
            duration_in_words(*address.expiry - report.now) + ")";
    if (address.renewal && *address.renewal > report.now) {
        text += ", renewed in " + duration_in_words(*address.renewal - report.now);
    }
    return text;
}

void add_outages(const Report& report, Lines& lines) {
    if (report.outage_count == 0) return lines.add("outages", "none");
    lines.add("outages",
              std::to_string(report.outage_count) + ", " + duration_in_words(report.outage_time) +
                  " in all" +
                  (report.outage_count > report.outages.size() ? "; the last ones:" : ":"));
    for (const Outage& outage : report.outages) {
        char duration[24];
        std::snprintf(duration, sizeof duration, "%10s",
                      duration_in_words(outage.duration).c_str());
        lines.add("",
                  moment_in_words(report, outage.began) + "  " + duration + "  " + outage.reason);
    }
}

std::string boot_in_words(const Report& report) {
    std::string text;
    for (const BootStage& stage : report.stages) {
        text += (text.empty() ? "" : ", ") + stage.name + " " + decimal_seconds(stage.began);
    }
    return text + " s after the kernel's start";
}

}  // namespace

std::string in_words(const Report& report) {
    const SessionReport& session = report.session;
    Lines lines;
    lines.add("session", session_in_words(report));
    if (!session.up) {
        lines.add("", session.doing + ", attempt " + std::to_string(session.attempts) + " at " +
                          session.portal);
        lines.add("", session.trouble);
    }
    lines.add("target", session.target);
    lines.add("initiator", session.initiator);
    lines.add("agreed", agreed_in_words(session.agreed));
    lines.add("recovery", session.recovery
                              ? "I/O waits " + std::to_string(session.recovery->count()) +
                                    " s for a lost session, then fails"
                              : "I/O waits for a lost session, without end");
    if (!session.reservation_key.empty()) {
        lines.add("exclusive", "reserved with the key " + session.reservation_key);
    }
    lines.add("disk", disk_in_words(report.disk));
    if (report.disk.overlay) lines.add("overlay", overlay_in_words(*report.disk.overlay));
    lines.add("address", report.address.address + " on " + report.address.interface +
                             (report.address.has_carrier ? ", link is up" : ", link is down"));
    lines.add("lease", lease_in_words(report));
    add_outages(report, lines);
    lines.add("boot", boot_in_words(report));
    lines.add("bootwire", report.version);
    return std::move(lines).text();
}

}  // namespace bootwire::control
