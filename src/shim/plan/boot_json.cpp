#include "plan/boot_json.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "plan/describe.h"

namespace bootwire::plan {

namespace {

std::string member_name(std::string_view name) {
    std::string member = lower(name);
    std::ranges::replace(member, ' ', '_');
    return member;
}

std::string value_json(const Fact& fact) {
    if (!fact.list) return fact.given ? json_string(fact.values.front()) : "null";
    std::string json = "[";
    for (const std::string& value : fact.values) {
        if (json.size() > 1) json += ',';
        json += json_string(value);
    }
    return json + ']';
}

}  // namespace

std::string plan_json(const Plan& plan) {
    std::string json = "{";
    for (const Fact& fact : facts(plan)) {
        if (json.size() > 1) json += ',';
        json += json_string(member_name(fact.name)) + ":{\"value\":" + value_json(fact);
        // What nobody gave has no source worth telling, unless something is built in.
        json += ",\"source\":";
        json += fact.given ? json_string(fact.source.to_string()) : "null";
        json += '}';
    }
    return json + '}';
}

}  // namespace bootwire::plan
