// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#include "control/quantities.h"
#include "control/render.h"

namespace bootwire::control {

namespace {

struct Label {
    std::string_view name;
    std::string_view value;
};

std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

class Metrics {
  public:
    void describe(std::string_view name, std::string_view type, std::string_view help) {
        name_ = "bootwire_" + std::string(name);
        text_ += "# HELP " + name_ + " ";
        text_.append(help) += "\n# TYPE " + name_ + " ";
        text_.append(type) += '\n';
    }
    void sample(std::string_view value, std::initializer_list<Label> labels = {}) {
        text_ += name_;
        std::string inside;
        for (const Label& label : labels) {
            inside += inside.empty() ? "{" : ",";
            inside.append(label.name).append("=\"").append(escaped(label.value)) += '"';
        }
        if (!inside.empty()) text_ += inside + "}";
        (text_ += ' ').append(value) += '\n';
    }
    void gauge(std::string_view name, std::string_view value, std::string_view help) {
        describe(name, "gauge", help);
        sample(value);
    }
    void counter(std::string_view name, std::string_view value, std::string_view help) {
        describe(name, "counter", help);
        sample(value);
    }
    std::string text() && { return std::move(text_); }

  private:
    std::string name_;
    std::string text_;
};

std::string flag(bool value) {
    return value ? "1" : "0";
}

void add_session(const Report& report, Metrics& metrics) {
    const SessionReport& session = report.session;
    metrics.gauge("session_up", flag(session.up), "Whether the root disk's session is connected.");
    metrics.gauge("session_state_since_timestamp_seconds",
                  decimal_seconds(report.started_at + session.since),
                  "When the session was connected or, if it is not, lost.");
    metrics.gauge("session_attempts", std::to_string(session.attempts),
                  "Attempts to get the session back since it was lost; 0 while it is connected.");
    metrics.counter("session_outages_total", std::to_string(report.outage_count),
                    "Outages of the session that are over.");
    const Milliseconds current = session.up ? Milliseconds{0} : report.now - session.since;
    metrics.counter("session_outage_seconds_total", decimal_seconds(report.outage_time + current),
                    "Time without session, that of an outage under way included.");
    metrics.gauge("session_exclusive", flag(!session.reservation_key.empty()),
                  "Whether the disk is reserved for this machine (iscsi.exclusive).");
}

void add_overlay(const OverlayReport& overlay, Metrics& metrics) {
    metrics.gauge("overlay_changes_bytes", std::to_string(overlay.changes),
                  "Changes to the root disk that are kept in memory.");
    metrics.gauge("overlay_memory_bytes", std::to_string(overlay.memory),
                  "Memory that these changes take, compressed.");
    metrics.gauge("overlay_limit_bytes", std::to_string(overlay.limit),
                  "Memory that they may take before all file systems become read-only.");
    metrics.gauge("overlay_full_percent", std::to_string(overlay.percent_full),
                  "How full that is, or the room for changes before they are compressed.");
}

void add_disk(const DiskReport& disk, Metrics& metrics) {
    if (disk.overlay) add_overlay(*disk.overlay, metrics);
    if (!disk.counters) return;
    metrics.counter("disk_read_bytes_total", std::to_string(disk.counters->read_bytes),
                    "Bytes read from the root disk.");
    metrics.counter("disk_written_bytes_total", std::to_string(disk.counters->written_bytes),
                    "Bytes written to the root disk.");
    metrics.counter("disk_reads_total", std::to_string(disk.counters->reads), "Finished reads.");
    metrics.counter("disk_writes_total", std::to_string(disk.counters->writes), "Finished writes.");
    metrics.gauge("disk_requests_in_flight", std::to_string(disk.counters->in_flight),
                  "Requests that wait for the target.");
}

void add_address(const Report& report, Metrics& metrics) {
    metrics.gauge("link_up", flag(report.address.has_carrier),
                  "Whether the boot interface has a carrier.");
    if (!report.address.leased) return;
    metrics.gauge("lease_held", flag(report.address.lease_lost.empty()),
                  "Whether the DHCP lease holds; if not, another one is being asked for.");
    if (!report.address.expiry) return;
    metrics.gauge("lease_expiry_timestamp_seconds",
                  decimal_seconds(report.started_at + *report.address.expiry),
                  "When the DHCP lease ends if nobody renews it.");
}

}  // namespace

std::string as_prometheus(const Report& report) {
    Metrics metrics;
    metrics.describe("info", "gauge", "What this is about; always 1.");
    metrics.sample("1", {{"version", report.version},
                         {"target", report.session.target},
                         {"portal", report.session.portal},
                         {"initiator", report.session.initiator},
                         {"interface", report.address.interface},
                         {"disk", report.disk.name}});
    add_session(report, metrics);
    add_disk(report.disk, metrics);
    add_address(report, metrics);
    metrics.describe("boot_stage_seconds", "gauge",
                     "When a stage of the boot began, since the kernel started.");
    for (const BootStage& stage : report.stages)
        metrics.sample(decimal_seconds(stage.began), {{"stage", stage.name}});
    return std::move(metrics).text();
}

}  // namespace bootwire::control
