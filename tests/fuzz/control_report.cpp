// Any bytes as the texts of a report, one behind the other, divided by NULs: whoever reads it as
// JSON, as metrics or as lines finds as many of them as there are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/text.h"
#include "control/answer.h"
#include "control/render.h"

using namespace bootwire;
using namespace std::chrono_literals;

namespace {

/// Takes a value of RFC 8259 from the text; false if none begins it.
bool take_json(std::string_view& text, int depth = 0);

bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
}

bool take_string(std::string_view& text) {
    if (!take(text, "\"")) return false;
    while (!text.empty() && text.front() != '"') {
        if (static_cast<unsigned char>(text.front()) < ' ') return false;
        size_t length = 1;
        if (text.front() == '\\') length = text.starts_with("\\u") ? 6 : 2;
        if (length > text.size()) return false;
        text.remove_prefix(length);
    }
    return take(text, "\"");
}

bool take_list(std::string_view& text, char end, int depth) {
    const std::string_view closing(&end, 1);
    if (take(text, closing)) return true;
    do {
        if (end == '}' && (!take_string(text) || !take(text, ":"))) return false;
        if (!take_json(text, depth)) return false;
    } while (take(text, ","));
    return take(text, closing);
}

bool take_json(std::string_view& text, int depth) {
    if (depth > 8) return false;
    if (text.starts_with('"')) return take_string(text);
    if (take(text, "{")) return take_list(text, '}', depth + 1);
    if (take(text, "[")) return take_list(text, ']', depth + 1);
    for (const char* word : {"true", "false", "null"}) {
        if (take(text, word)) return true;
    }
    const size_t length = std::min(text.find_first_not_of("-0123456789."), text.size());
    text.remove_prefix(length);
    return length > 0;
}

/// NAME{LABEL="VALUE",…} NUMBER of the text format.
bool is_sample(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_of(" {"), line.size()));
    if (take(line, "{")) {
        do {
            line.remove_prefix(std::min(line.find('='), line.size()));
            if (!take(line, "=\"")) return false;
            while (!line.empty() && line.front() != '"')
                line.remove_prefix(std::min<size_t>(line.front() == '\\' ? 2 : 1, line.size()));
            if (!take(line, "\"")) return false;
        } while (take(line, ","));
        if (!take(line, "}")) return false;
    }
    return take(line, " ") && !line.empty() && line.find_first_not_of("-0123456789.") == line.npos;
}

ptrdiff_t lines_in(std::string_view text) {
    return std::ranges::count(text, '\n');
}

control::Report report_of(const std::vector<std::string_view>& texts) {
    size_t next = 0;
    const auto text = [&] {
        return next < texts.size() ? std::string(texts[next++]) : std::string("x");
    };
    control::Report report;
    report.version = text();
    report.now = 1h;
    report.session.doing = text();
    report.session.trouble = text();
    report.session.portal = text();
    report.session.target = text();
    report.session.initiator = text();
    report.session.reservation_key = text();
    report.session.up = !texts.empty() && texts[0].size() % 2 == 0;
    report.address.interface = text();
    report.address.address = text();
    report.address.server = text();
    report.address.lease_lost = text();
    report.address.leased = texts.size() % 2 == 0;
    report.disk.name = text();
    report.disk.lun = text();
    report.stages = {{text(), 1s}, {text(), 2s}};
    report.outages = {{1min, 2s, text()}};
    report.outage_count = 1;
    return report;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto texts = split({reinterpret_cast<const char*>(data), size}, '\0');
    const control::Report report = report_of(texts);
    control::Report without = report_of({});
    without.session.up = report.session.up;
    without.address.leased = report.address.leased;
    without.address.lease_lost = report.address.lease_lost.empty() ? "" : "x";
    without.session.reservation_key = report.session.reservation_key.empty() ? "" : "x";

    const std::string json = control::as_json(report);
    std::string_view rest = json;
    if (!take_json(rest) || rest != "\n") std::abort();

    const std::string metrics = control::as_prometheus(report);
    for (const std::string_view line : split(metrics, '\n')) {
        if (!line.empty() && !line.starts_with("# ") && !is_sample(line)) std::abort();
    }
    if (lines_in(metrics) != lines_in(control::as_prometheus(without))) std::abort();
    if (lines_in(control::in_words(report)) != lines_in(control::in_words(without))) std::abort();
    return 0;
}
