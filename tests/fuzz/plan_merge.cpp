// A command line and what DHCP says (one text a line: root path, mode, initiator name, host name)
// become a plan or an error, and never show a secret.
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "plan/boot_json.h"
#include "plan/plan.h"

namespace {

using namespace bootwire;

// In every secret of the input, put there by the corpus or found by the fuzzer.
constexpr std::string_view marker = "S3CRETMARK";

/// Does the marker stand anywhere but in a secret? Then showing it is no fault.
bool marker_is_public(const plan::CommandLine& line, const dhcp::Lease& lease) {
    for (const plan::Word& word : line.words()) {
        if (word.name.contains(marker)) return true;
        if (word.value && word.value->contains(marker) && !plan::is_secret_parameter(word.name)) {
            return true;
        }
    }
    for (const std::string* text : {&lease.boot_mode, &lease.initiator_name, &lease.host_name}) {
        if (text->contains(marker)) return true;
    }
    // Where a login begins and ends in a root path is the parser's business, and the unit tests'.
    return lease.root_path.contains(marker);
}

void check(const std::string& text, bool is_public) {
    if (!is_public && text.contains(marker)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto lines = split(text.substr(0, 8192), '\n');
    const auto field = [&](size_t i) {
        return i < lines.size() ? std::string(lines[i]) : std::string();
    };
    dhcp::Lease lease;
    lease.server = IpAddress::v4(10, 0, 0, 1);
    lease.address = {IpAddress::v4(10, 0, 0, 2), 24};
    lease.root_path = field(1);
    lease.boot_mode = field(2);
    lease.initiator_name = field(3);
    lease.host_name = field(4);

    const auto line = plan::CommandLine::parse(field(0));
    const bool is_public = marker_is_public(line, lease);
    plan::Report report;
    const auto request = plan::read_request({line}, report);
    const auto network = plan::plan_network(request, lease, report);
    const auto plan = plan::make_plan(request, network, lease, {field(5), {}}, report);
    for (const std::string& said : report.lines)
        check(said, is_public);
    for (const std::string& said : report.warnings)
        check(said, is_public);
    if (!plan) {
        check(plan.error().to_string(), is_public);
        return 0;
    }
    check(plan::plan_json(*plan), is_public);
    if (plan->portals.value.empty() || !plan::parse_iscsi_name(plan->initiator.value)) std::abort();
    if (plan->target.value && !plan::parse_iscsi_name(*plan->target.value)) std::abort();
    for (const plan::Portal& portal : plan->portals.value) {
        if (portal.port == 0) std::abort();
    }
    if (plan->mutual_chap && !plan->chap) std::abort();
    return 0;
}
