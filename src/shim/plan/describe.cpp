#include "plan/describe.h"

#include <algorithm>

#include "base/text.h"

namespace bootwire::plan {

namespace {

std::string route_text(const Route& route) {
    if (route.router.is_unspecified()) return route.destination.to_string() + " on the link";
    if (route.destination.length == 0) return "default via " + route.router.to_string();
    return route.destination.to_string() + " via " + route.router.to_string();
}

std::string recovery_text(const RecoveryTime& recovery) {
    return recovery ? std::to_string(recovery->count()) + " s" : "forever";
}

/// Collects facts; an empty text is a field without a value.
class Facts {
  public:
    void one(std::string_view name, std::string text, const Source& source) {
        const bool given = !text.empty();
        std::vector<std::string> values;
        if (given) values.push_back(std::move(text));
        all.push_back({name, std::move(values), false, source, given});
    }
    template <class T, class Show>
    void many(std::string_view name, const Field<std::vector<T>>& field, Show show) {
        Fact fact{name, {}, true, field.source, !field.value.empty()};
        for (const T& item : field.value)
            fact.values.push_back(show(item));
        all.push_back(std::move(fact));
    }
    void login(std::string_view name, const std::optional<Field<ChapLogin>>& login) {
        if (login) {
            one(name, login->value.name, login->source);
        } else {
            one(name, {}, {});
        }
    }

    std::vector<Fact> all;
};

void describe(const NetworkPlan& network, Facts& facts) {
    const auto number = [](const std::optional<uint16_t>& value) {
        return value ? std::to_string(*value) : std::string();
    };
    const auto address = [](const IpAddress& value) { return value.to_string(); };
    facts.one("address", network.address.given() ? network.address.value.to_string() : "",
              network.address.source);
    facts.many("routes", network.routes, route_text);
    facts.one("MTU", number(network.mtu.value), network.mtu.source);
    facts.one("VLAN", number(network.vlan.value), network.vlan.source);
    facts.many("name servers", network.dns_servers, address);
    facts.many("time servers", network.ntp_servers, address);
    facts.many("log servers", network.log_servers,
               [](const Portal& server) { return server.to_string(); });
    facts.one("host name", network.host_name.value, network.host_name.source);
    facts.one("domain name", network.domain_name.value, network.domain_name.source);
}

}  // namespace

std::vector<Fact> facts(const Plan& plan) {
    Facts facts;
    facts.one("mode", std::string(to_string(plan.mode.value)), plan.mode.source);
    facts.one("fallback", std::string(to_string(plan.fallback.value)), plan.fallback.source);
    facts.many("portals", plan.portals, [](const Portal& portal) { return portal.to_string(); });
    facts.one("target", plan.target.value.value_or(""), plan.target.source);
    facts.one("LUN", plan.lun.value.to_string(), plan.lun.source);
    facts.one("strict", plan.strict.value ? "yes" : "no", plan.strict.source);
    facts.one("USB", plan.usb_read_only.value ? "read-only" : "read-write",
              plan.usb_read_only.source);
    facts.one("initiator", plan.initiator.value, plan.initiator.source);
    facts.login("CHAP name", plan.chap);
    facts.login("mutual CHAP name", plan.mutual_chap);
    facts.one("header digest", std::string(iscsi::digest_list(plan.header_digest.value)),
              plan.header_digest.source);
    facts.one("data digest", std::string(iscsi::digest_list(plan.data_digest.value)),
              plan.data_digest.source);
    facts.one("recovery", recovery_text(plan.recovery.value), plan.recovery.source);
    facts.one("exclusive", std::string(to_string(plan.exclusive.value)), plan.exclusive.source);
    facts.one("overlay", to_string(plan.overlay.value), plan.overlay.source);
    facts.one("seed", plan.seed.value ? "yes" : "no", plan.seed.source);
    facts.one("ways back", plan.named_portals_only.value ? "named portals" : "all portals",
              plan.named_portals_only.source);
    facts.one("patience at shutdown", std::to_string(plan.shutdown_patience.value.count()) + " s",
              plan.shutdown_patience.source);
    facts.one("root", plan.root ? plan.root->value.to_string() : "",
              plan.root ? plan.root->source : Source{});
    facts.one("root flags", plan.root_flags.value, plan.root_flags.source);
    facts.one("init", plan.init.value, plan.init.source);
    facts.one("initramfs", std::string(to_string(plan.initramfs.value)), plan.initramfs.source);
    facts.one("modules", plan.modules.value.to_string(), plan.modules.source);
    describe(plan.network, facts);
    return std::move(facts.all);
}

void describe(const Plan& plan, Report& report) {
    for (const Fact& fact : facts(plan)) {
        const bool worth_saying = fact.name == "mode" || fact.name == "LUN";
        const bool built_in = fact.source.kind == Source::Kind::build_default;
        if (!fact.given || (built_in && !worth_saying)) continue;
        report.lines.push_back(std::string(fact.name) + ' ' + printable(join(fact.values, " ")) +
                               ", from " + fact.source.to_string());
    }
}

}  // namespace bootwire::plan
