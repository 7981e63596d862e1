#include "init/plan_stage.h"

#include <unistd.h>

#include "init/telling.h"

namespace bootwire::init {

plan::NetworkPlan plan_network(const plan::Request& request, const uplink::Network& network) {
    plan::Report report;
    plan::NetworkPlan planned = plan::plan_network(request, network.lease, report);
    log_report(report);
    return planned;
}

Result<plan::Plan> complete_plan(const plan::Request& request, const plan::NetworkPlan& planned,
                                 const uplink::Network& network,
                                 const plan::MachineId& machine_id) {
    plan::Report report;
    auto plan = plan::make_plan(request, planned, network.lease, machine_id, report);
    log_report(report);
    if (!plan) return plan;
    const std::string& host_name = plan->network.host_name.value;
    if (!host_name.empty()) sethostname(host_name.c_str(), host_name.size());
    return plan;
}

}  // namespace bootwire::init
