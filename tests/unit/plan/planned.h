// What comes of a command line and a lease, for the tests of the plan.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "plan/plan.h"

namespace bootwire::plan {

inline constexpr char target[] = "iqn.2024-01.lan.home:pi4-root";

inline dhcp::Lease lease_with(std::string root_path) {
    dhcp::Lease lease;
    lease.address = *IpPrefix::parse("192.168.1.77/24");
    lease.server = IpAddress::v4(192, 168, 1, 1);
    lease.root_path = std::move(root_path);
    return lease;
}

inline std::string all(const Report& report) {
    std::string text;
    for (const auto& line : report.warnings)
        text += "warning: " + line + '\n';
    for (const auto& line : report.lines)
        text += line + '\n';
    return text;
}

struct Planned {
    Request request;
    Report report;
    Result<Plan> plan;

    bool said(std::string_view text) const { return all(report).contains(text); }
    const Plan* operator->() const { return &*plan; }
};

inline Planned make(std::string_view line, const std::optional<dhcp::Lease>& lease) {
    Report report;
    Request request = read_request({CommandLine::parse(line)}, report);
    const auto network = plan_network(request, lease, report);
    auto plan = make_plan(request, network, lease, {"10000000ABCDEF01", {}}, report);
    return {std::move(request), std::move(report), std::move(plan)};
}

inline const std::string usual_path = std::string("iscsi:192.168.1.10:::1:") + target;

}  // namespace bootwire::plan
