#include "base/text.h"
#include "control/quantities.h"
#include "control/render.h"

namespace bootwire::control {

namespace {

class Object {
  public:
    Object& add(std::string_view name, std::string_view raw) {
        json_ += (json_.size() > 1 ? "," : "") + json_string(name) + ":";
        json_ += raw;
        return *this;
    }
    Object& text(std::string_view name, std::string_view value) {
        return add(name, json_string(value));
    }
    Object& number(std::string_view name, uint64_t value) {
        return add(name, std::to_string(value));
    }
    Object& flag(std::string_view name, bool value) { return add(name, value ? "true" : "false"); }
    Object& seconds(std::string_view name, Milliseconds value) {
        return add(name, decimal_seconds(value));
    }
    /// NAME: the clock's time; NAME_at_s: since the kernel started. Both null without a moment.
    Object& moment(const Report& report, const std::string& name,
                   const std::optional<Moment>& value) {
        add(name, value ? json_string(iso_time(report.started_at + *value)) : "null");
        return add(name + "_at_s", value ? decimal_seconds(*value) : "null");
    }
    std::string json() const { return json_ + "}"; }

  private:
    std::string json_ = "{";
};

template <class Items, class Make>
std::string array(const Items& items, Make make) {
    std::string json = "[";
    for (const auto& item : items)
        json += (json.size() > 1 ? "," : "") + make(item);
    return json + "]";
}

std::string agreed_json(const Agreed& agreed) {
    return Object()
        .flag("header_digest", agreed.header_digest)
        .flag("data_digest", agreed.data_digest)
        .flag("initial_r2t", agreed.initial_r2t)
        .flag("immediate_data", agreed.immediate_data)
        .number("max_recv_data_segment_length", agreed.max_recv_segment)
        .number("max_xmit_data_segment_length", agreed.max_xmit_segment)
        .number("first_burst_length", agreed.first_burst)
        .number("max_burst_length", agreed.max_burst)
        .number("max_outstanding_r2t", agreed.max_outstanding_r2t)
        .json();
}

std::string session_json(const Report& report) {
    const SessionReport& session = report.session;
    Object object;
    object.text("state", session.up ? "connected" : "lost").moment(report, "since", session.since);
    if (!session.up) {
        object.text("doing", session.doing)
            .text("trouble", session.trouble)
            .number("attempts", session.attempts);
    }
    object.text("portal", session.portal)
        .text("target", session.target)
        .text("initiator", session.initiator)
        .add("recovery_s",
             session.recovery ? std::to_string(session.recovery->count()) : std::string("null"))
        .add("reservation_key", session.reservation_key.empty()
                                    ? std::string("null")
                                    : json_string(session.reservation_key))
        .add("negotiated", agreed_json(session.agreed));
    return object.json();
}

std::string address_json(const Report& report) {
    const AddressReport& address = report.address;
    Object object;
    object.text("interface", address.interface)
        .flag("link_up", address.has_carrier)
        .text("address", address.address);
    if (!address.leased) return object.add("lease", "null").json();
    const bool lost = !address.lease_lost.empty();
    Object lease;
    lease.text("state", lost ? "lost" : "bound");
    if (lost) lease.text("trouble", address.lease_lost);
    lease.text("server", address.server)
        .moment(report, "renewal", lost ? std::nullopt : address.renewal)
        .moment(report, "expiry", address.expiry);
    return object.add("lease", lease.json()).json();
}

std::string overlay_json(const OverlayReport& overlay) {
    return Object()
        .number("changes_bytes", overlay.changes)
        .number("memory_bytes", overlay.memory)
        .number("limit_bytes", overlay.limit)
        .number("percent_full", overlay.percent_full)
        .json();
}

std::string disk_json(const DiskReport& disk) {
    Object object;
    object.text("name", disk.name).text("lun", disk.lun);
    if (disk.counters) {
        object.number("reads", disk.counters->reads)
            .number("read_bytes", disk.counters->read_bytes)
            .number("writes", disk.counters->writes)
            .number("written_bytes", disk.counters->written_bytes)
            .number("in_flight", disk.counters->in_flight);
    }
    if (disk.overlay) object.add("overlay", overlay_json(*disk.overlay));
    return object.json();
}

std::string outages_json(const Report& report) {
    return Object()
        .number("count", report.outage_count)
        .seconds("duration_s", report.outage_time)
        .add("last", array(report.outages,
                           [&](const Outage& outage) {
                               return Object()
                                   .moment(report, "began", outage.began)
                                   .seconds("duration_s", outage.duration)
                                   .text("reason", outage.reason)
                                   .json();
                           }))
        .json();
}

}  // namespace

std::string as_json(const Report& report) {
    const auto stage_json = [](const BootStage& stage) {
        return Object().text("stage", stage.name).seconds("began_at_s", stage.began).json();
    };
    return Object()
               .number("version", 1)
               .text("bootwire", report.version)
               .moment(report, "now", report.now)
               .add("session", session_json(report))
               .add("address", address_json(report))
               .add("disk", disk_json(report.disk))
               .add("outages", outages_json(report))
               .add("boot", array(report.stages, stage_json))
               .json() +
           "\n";
}

}  // namespace bootwire::control
