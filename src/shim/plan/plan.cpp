#include "plan/plan.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "iscsi/target_address.h"
#include "plan/describe.h"
#include "plan/login.h"
#include "topics/topic.h"

namespace bootwire::plan {

namespace {

/// A LUN as a person types it: decimal, 0x…, or RFC 4173's groups.
std::optional<iscsi::Lun> parse_lun(std::string_view text) {
    if (text.contains('-')) return iscsi::Lun::parse(text);
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    const auto number =
        hexadecimal ? parse_number<uint32_t>(text.substr(2), 16) : parse_number<uint32_t>(text);
    if (!number) return std::nullopt;
    return iscsi::Lun::from_number(*number);
}

std::optional<iscsi::DigestPreference> parse_digest(std::string_view text) {
    using enum iscsi::DigestPreference;
    for (const auto preference : {none_only, crc32c_only, none_first, crc32c_first}) {
        if (same_ignoring_case(text, iscsi::digest_list(preference))) return preference;
    }
    return std::nullopt;
}

std::optional<std::string> parse_init(std::string_view text) {
    if (!text.starts_with('/') || text.size() > 255 || text.ends_with('/')) return std::nullopt;
    if (!std::ranges::all_of(text, [](char c) { return is_graphic(c) && c != '"'; })) {
        return std::nullopt;
    }
    return std::string(text);
}

std::optional<std::string> parse_root_flags(std::string_view text) {
    const bool usable = !text.empty() && text.size() <= 255 &&
                        std::ranges::all_of(text, [](char c) { return is_graphic(c) && c != '"'; });
    return usable ? std::optional(std::string(text)) : std::nullopt;
}

/// A setting that has a built-in value.
template <class T, class Parse>
Field<T> usable_or(const Settings& settings, Key key, Parse parse, T fallback, Report& report) {
    if (auto field = first_usable<T>(settings, key, parse, report)) return *field;
    return {std::move(fallback), {}};
}

/// Which ports the portals have: their own, else iscsi.port=, else the root path's, else 3260.
void choose_portals(const Settings& settings, const std::optional<RootPaths>& paths, Plan& plan,
                    Report& report) {
    const auto port = first_usable<uint16_t>(settings, Key::iscsi_port, parse_port, report);
    auto named = all_usable<HostAndPort>(settings, Key::iscsi_ip, parse_host_and_port, report);
    const bool from_settings = named.has_value();
    if (!from_settings && paths && !paths->portals.empty()) {
        named = Field<std::vector<HostAndPort>>{paths->portals, paths->source};
    }
    if (!named) return;
    std::optional<uint16_t> path_port;
    if (paths && !paths->portals.empty()) path_port = paths->portals.front().port;

    plan.portals.source = named->source;
    for (const HostAndPort& item : named->value) {
        Portal portal{item.host, iscsi::default_port};
        if (from_settings) {
            portal.port = item.port ? *item.port
                          : port    ? port->value
                                    : path_port.value_or(iscsi::default_port);
        } else {
            portal.port = port ? port->value : item.port.value_or(iscsi::default_port);
        }
        auto& list = plan.portals.value;
        if (std::ranges::find(list, portal) == list.end()) list.push_back(std::move(portal));
    }
}

/// A name that can't be read is not the same as none: discovery might find another disk.
Status choose_target(const Settings& settings, const std::optional<RootPaths>& paths, Plan& plan,
                     Report& report) {
    if (auto target =
            first_usable<std::string>(settings, Key::iscsi_target, parse_iscsi_name, report)) {
        plan.target = {target->value, target->source};
    } else if (paths && paths->target) {
        plan.target = {paths->target, paths->source};
    } else if (!settings.of(Key::iscsi_target).empty() || (paths && paths->target_malformed)) {
        return fail("a target is named, but not in a usable form",
                    "target names look like iqn.2024-01.lan.home:pi4-root; without one, the only "
                    "target that the server offers is taken");
    }
    return {};
}

void choose_lun(const Settings& settings, const std::optional<RootPaths>& paths, Plan& plan,
                Report& report) {
    if (auto lun = first_usable<iscsi::Lun>(settings, Key::iscsi_lun, parse_lun, report)) {
        plan.lun = *lun;
    } else if (paths && paths->lun) {
        plan.lun = {*paths->lun, paths->source};
    }
}

/// iscsi.root= has reasons to tell why a value is not usable.
void choose_root(const Settings& settings, Plan& plan, Report& report) {
    for (const Setting* setting : settings.of(Key::iscsi_root)) {
        auto spec = disk::parse_root_spec(setting->text);
        if (spec) {
            plan.root = Field<disk::RootSpec>{std::move(*spec), setting->source};
            return;
        }
        report.warnings.push_back(malformed(*setting, spec.error().what));
    }
}

void choose_options(const Settings& settings, const MachineId& machine_id, Plan& plan,
                    Report& report) {
    using iscsi::DigestPreference;
    plan.mode = usable_or(settings, Key::iscsi_mode, parse_mode, Mode::pivot, report);
    plan.fallback =
        usable_or(settings, Key::iscsi_fallback, parse_fallback, Fallback::none, report);
    plan.strict = usable_or(settings, Key::iscsi_strict, parse_flag, false, report);
    plan.usb_read_only = usable_or(settings, Key::iscsi_usb, parse_read_only, false, report);
    plan.recovery =
        usable_or(settings, Key::iscsi_recovery, parse_recovery, RecoveryTime{}, report);
    plan.exclusive =
        usable_or(settings, Key::iscsi_exclusive, parse_exclusive, Exclusive::no, report);
    plan.overlay = usable_or(settings, Key::iscsi_overlay, parse_overlay, OverlayUse{}, report);
    plan.seed = usable_or(settings, Key::iscsi_seed, parse_flag, false, report);
    plan.named_portals_only =
        usable_or(settings, Key::iscsi_portals, parse_named_only, false, report);
    plan.shutdown_patience =
        usable_or(settings, Key::iscsi_shutdown, parse_patience, std::chrono::seconds(90), report);
    plan.header_digest = usable_or(settings, Key::iscsi_header_digest, parse_digest,
                                   DigestPreference::none_first, report);
    plan.data_digest = usable_or(settings, Key::iscsi_data_digest, parse_digest,
                                 DigestPreference::none_first, report);
    plan.root_flags = usable_or(settings, Key::rootflags, parse_root_flags, std::string(), report);
    plan.init = usable_or(settings, Key::iscsi_init, parse_init, std::string(), report);
    plan.initramfs = usable_or(settings, Key::iscsi_initramfs, parse_initramfs_use,
                               InitramfsUse::automatic, report);
    plan.modules =
        usable_or(settings, Key::bootwire_modules, parse_modules_wish, ModulesWish{}, report);
    choose_root(settings, plan, report);
    if (auto name =
            first_usable<std::string>(settings, Key::iscsi_initiator, parse_iscsi_name, report)) {
        plan.initiator = *name;
    } else {
        plan.initiator = {default_initiator_name(machine_id), Source::board()};
    }
}

std::unexpected<Error> nothing_names_a_server(const Settings& settings,
                                              const std::optional<dhcp::Lease>& lease) {
    std::string hint = "set iscsi.ip= on the kernel command line";
    if (!lease) {
        return about(
            Topic::no_server_named,
            fail("nothing names an iSCSI server: the address is static, and the kernel command "
                 "line has no usable iscsi.ip=",
                 std::move(hint)));
    }
    std::string what =
        "nothing names an iSCSI server: the kernel command line has no usable "
        "iscsi.ip=, and DHCP from " +
        lease->server.to_string() + " has ";
    what += lease->root_path.empty() ? "no option 17" : "no usable server in option 17";
    if (!settings.of(Key::iscsi_target).empty()) what += "; iscsi.target= alone is not enough";
    hint += ", or DHCP option 17 to iscsi:SERVER:::LUN:TARGET";
    return about(Topic::no_server_named, fail_for_now(std::move(what), std::move(hint)));
}

/// Who asked that the target proves itself does not trust the network, and with it the disk would
/// lie open to whoever has a cable in the USB port.
void guard_mode(Plan& plan, Report& report) {
    using Kind = Source::Kind;
    const bool proof_is_local = plan.mutual_chap && plan.mutual_chap->source.kind != Kind::dhcp;
    if (plan.mode.value != Mode::usb || plan.mode.source.kind != Kind::dhcp || !proof_is_local) {
        return;
    }
    report.warnings.push_back(plan.mode.source.to_string() +
                              " asks for usb and is not followed: the target is to prove itself "
                              "(iscsi.mutual.username= from " +
                              plan.mutual_chap->source.to_string() +
                              "), so DHCP may not have the disk shown to another computer; "
                              "iscsi.mode=usb there allows it");
    plan.mode = {Mode::pivot, {}};
}

/// What cannot go together with an overlay in memory. Who asks for one in words that nobody
/// understands does not want his disk to be written to.
Status check_overlay(const Settings& settings, const Plan& plan) {
    if (!plan.overlay.given() && !settings.of(Key::iscsi_overlay).empty()) {
        return fail(
            "iscsi.overlay= is there, but not in a usable form: the disk would be written to",
            "set it to ram, to ram,SIZE as in ram,512M, or to no");
    }
    if (!plan.overlay.value.in_ram) return {};
    const std::string overlay = "iscsi.overlay=ram from " + plan.overlay.source.to_string();
    if (plan.exclusive.value != Exclusive::no) {
        return fail(overlay + " leaves the disk to any number of Pis, and iscsi.exclusive= from " +
                        plan.exclusive.source.to_string() + " reserves it for one",
                    "take one of them out");
    }
    if (plan.mode.value != Mode::pivot) {
        return fail(overlay + " needs bootwire's kernel, and iscsi.mode=" +
                        std::string(to_string(plan.mode.value)) + " from " +
                        plan.mode.source.to_string() + " leads elsewhere",
                    "set iscsi.mode=pivot, or take iscsi.overlay= out");
    }
    return {};
}

}  // namespace

std::string default_initiator_name(const MachineId& machine_id) {
    std::string name = "iqn.2026-11.local.bootwire:";
    const size_t prefix = name.size();
    const auto append = [&](std::string_view text) {
        for (const char c : text.substr(0, 128))
            if (is_letter_or_digit(c) || c == '-' || c == '.') name += to_lower(c);
    };
    append(machine_id.serial);
    if (name.size() == prefix && machine_id.mac) append(machine_id.mac->to_string());
    if (name.size() == prefix) append("unknown");
    return name;
}

Result<Plan> make_plan(const Request& request, NetworkPlan network,
                       const std::optional<dhcp::Lease>& lease, const MachineId& machine_id,
                       Report& report) {
    Settings settings = request.settings;
    std::optional<RootPaths> paths;
    if (lease) {
        settings.add(*lease);
        paths = read_root_paths(*lease, report);
    }
    Plan plan;
    plan.network = std::move(network);
    choose_portals(settings, paths, plan, report);
    choose_lun(settings, paths, plan, report);
    choose_options(settings, machine_id, plan, report);
    if (auto status = choose_target(settings, paths, plan, report); !status) {
        return std::unexpected(about(Topic::unusable_setting, status.error()));
    }
    if (auto status = choose_logins(settings, paths, plan, report); !status) {
        return std::unexpected(about(Topic::unusable_setting, status.error()));
    }
    guard_mode(plan, report);
    if (auto status = check_overlay(settings, plan); !status) {
        return std::unexpected(about(Topic::unusable_setting, status.error()));
    }
    if (plan.portals.value.empty()) return nothing_names_a_server(settings, lease);
    describe(plan, report);
    return plan;
}

}  // namespace bootwire::plan
