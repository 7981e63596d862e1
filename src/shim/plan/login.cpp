#include "plan/login.h"

namespace bootwire::plan {

namespace {

constexpr size_t max_login_text = 255;

std::optional<std::string> parse_login_name(std::string_view text) {
    if (text.empty() || text.size() > max_login_text) return std::nullopt;
    return std::string(text);
}

std::optional<Secret> parse_secret(std::string_view text) {
    // A lone "*" is what our kernel puts in a secret's place; the secret itself did not arrive.
    if (text.empty() || text.size() > max_login_text || text == "*") return std::nullopt;
    return Secret(text);
}

/// One pair of name and secret: from settings, or else, both of them, from the root path. DHCP does
/// not complete what an operator began: anybody in the network may answer DHCP.
Result<std::optional<Field<ChapLogin>>> choose_login(const Settings& settings, Key name_key,
                                                     Key secret_key,
                                                     const std::optional<ChapLogin>& from_path,
                                                     const Source& path_source, Report& report) {
    auto name = first_usable<std::string>(settings, name_key, parse_login_name, report);
    auto secret = first_usable<Secret>(settings, secret_key, parse_secret, report);
    const auto names = settings.of(name_key);
    const auto secrets = settings.of(secret_key);
    if (names.empty() && secrets.empty()) {
        if (!from_path) return std::optional<Field<ChapLogin>>{};
        return Field<ChapLogin>{*from_path, path_source};
    }
    if (!name && !secret) {
        const Setting& given = names.empty() ? *secrets.front() : *names.front();
        return fail(std::string(info(given.key).name) + "= is given (" + given.source.to_string() +
                        ") and not usable",
                    "set " + std::string(info(name_key).name) + "= and " +
                        std::string(info(secret_key).name) + "=, or neither of them");
    }
    if (!name || !secret) {
        const std::string there(info(name ? name_key : secret_key).name);
        const std::string missing(info(name ? secret_key : name_key).name);
        return fail(there + "= is given (" + (name ? name->source : secret->source).to_string() +
                        ") without a usable " + missing + "=",
                    "set " + missing + "= too, or neither of them");
    }
    return Field<ChapLogin>{{std::move(name->value), std::move(secret->value)}, name->source};
}

}  // namespace

Status choose_logins(const Settings& settings, const std::optional<RootPaths>& paths, Plan& plan,
                     Report& report) {
    static const std::optional<ChapLogin> none;
    const Source source = paths ? paths->source : Source{};
    auto chap = choose_login(settings, Key::iscsi_username, Key::iscsi_password,
                             paths ? paths->chap : none, source, report);
    if (!chap) return std::unexpected(chap.error());
    auto mutual = choose_login(settings, Key::iscsi_mutual_username, Key::iscsi_mutual_password,
                               paths ? paths->mutual_chap : none, source, report);
    if (!mutual) return std::unexpected(mutual.error());
    if (*mutual && !*chap) {
        return fail(
            "the target is to prove itself (iscsi.mutual.username=), but there is no login "
            "of our own",
            "set iscsi.username= and iscsi.password= too: mutual CHAP needs both");
    }
    plan.chap = std::move(*chap);
    plan.mutual_chap = std::move(*mutual);
    return {};
}

}  // namespace bootwire::plan
