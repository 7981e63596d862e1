#include "dns/resolver.h"

#include <algorithm>

#include "base/ascii.h"

namespace bootwire::dns {

namespace {

using std::chrono::seconds;

constexpr size_t max_servers = 8;
/// Each server is asked this often before the name is given up for now.
constexpr size_t max_rounds = 3;
constexpr size_t max_detours = 4;
/// How long the addresses of one family wait for the other's.
constexpr Milliseconds family_wait{300};

}  // namespace

Resolver::Resolver(ResolverSettings settings, Random random)
    : settings_(std::move(settings)), random_(std::move(random)) {
    if (settings_.servers.size() > max_servers) settings_.servers.resize(max_servers);
}

Actions Resolver::start(std::string_view host_name, Moment now) {
    actions_.clear();
    questions_.clear();
    candidates_.clear();
    deadline_.reset();
    names_exist_ = false;
    host_name_ = lower(host_name);
    if (auto checked = check_host_name(host_name_); !checked) {
        finish(Failed{checked.error()});
        return take_actions();
    }
    if (settings_.servers.empty()) {
        finish(Failed{{"no DNS server to ask for " + host_name_,
                       "give one with DHCP option 6 or dns=, or use an address instead of a name",
                       Remedy::operator_must_act}});
        return take_actions();
    }
    const bool absolute = host_name_.ends_with('.');
    if (absolute) host_name_.pop_back();
    if (!absolute && host_name_.find('.') == host_name_.npos) {
        std::string domain = lower(settings_.search_domain);
        while (domain.starts_with('.'))
            domain.erase(0, 1);
        if (domain.ends_with('.')) domain.pop_back();
        const std::string full = host_name_ + "." + domain;
        if (!domain.empty() && check_host_name(full)) candidates_.push_back(full);
    }
    candidates_.push_back(host_name_);
    begin_candidate(now);
    return take_actions();
}

void Resolver::begin_candidate(Moment now) {
    attempt_ = 0;
    detours_ = 0;
    questions_.clear();
    questions_.push_back({.type = RecordType::a});
    if (settings_.wants_v6) questions_.push_back({.type = RecordType::aaaa});
    begin_name(candidates_.front(), now);
}

/// The ids stay the same for all servers, so that a slow one's answer is not thrown away.
void Resolver::begin_name(std::string name, Moment now) {
    asked_ = std::move(name);
    for (auto& question : questions_)
        question.id = static_cast<uint16_t>(random_());
    ask(now);
}

/// Sends what is still open to the server whose turn it is.
void Resolver::ask(Moment now) {
    for (auto& question : questions_) {
        if (!question.open) continue;
        auto query = build_query(question.id, asked_, question.type);
        if (!query) return finish(Failed{query.error()});
        actions_.emplace_back(Send{server(), std::move(*query)});
    }
    // One second for each server in the first round, two in the second, four in the third.
    deadline_ = now + seconds(1 << (attempt_ / server_count()));
}

void Resolver::skip_server(const std::string& trouble, Moment now) {
    const bool found_some = std::ranges::any_of(
        questions_, [](const Question& question) { return !question.addresses.empty(); });
    if (found_some) return settle();
    last_trouble_ = server().to_string() + " " + trouble;
    actions_.emplace_back(Event{"DNS server " + last_trouble_});
    ++attempt_;
    if (attempt_ < max_rounds * server_count()) return ask(now);
    finish(Failed{{"DNS does not tell the address of " + host_name_ + ": " + last_trouble_,
                   "check the DNS server, or use an address instead of a name",
                   Remedy::waiting_helps}});
}

/// A server whose turn was before may still answer; only its good answers count.
Actions Resolver::on_packet(const IpAddress& from, Bytes payload, Moment now) {
    const auto asked_end = settings_.servers.begin() +
                           static_cast<ptrdiff_t>(std::min(attempt_ + 1, settings_.servers.size()));
    const bool was_asked = std::find(settings_.servers.begin(), asked_end, from) != asked_end;
    if (!deadline_ || !was_asked || payload.size() < 2) return {};
    const uint16_t id = load_be16(payload.data());
    const auto response = parse_response(payload);
    const auto question = std::ranges::find_if(questions_, [&](const Question& each) {
        return each.open && each.id == id &&
               (!response || response->question_type == static_cast<uint16_t>(each.type));
    });
    if (question == questions_.end()) return {};
    if (!response) {
        if (from == server()) skip_server("sent " + response.error().what, now);
    } else if (response->question == asked_) {
        use(from, *response, *question, now);
    }
    return take_actions();
}

void Resolver::use(const IpAddress& from, const Response& response, Question& question,
                   Moment now) {
    constexpr uint8_t no_such_name = 3;
    if (response.truncated || (response.code != 0 && response.code != no_such_name)) {
        if (from != server()) return;
        return skip_server(response.truncated ? "has an answer too long for one packet"
                                              : "says: " + code_in_words(response.code),
                           now);
    }
    if (response.addresses.empty() && response.code == 0 && response.name != asked_ &&
        check_host_name(response.name) && detours_ < max_detours) {
        // The server knows the alias only: ask for what it stands for.
        ++detours_;
        return begin_name(response.name, now);
    }
    question.open = false;
    question.addresses = response.addresses;
    if (response.code == 0) {
        names_exist_ = true;
    } else {
        for (auto& each : questions_)
            each.open = false;
    }
    if (std::ranges::none_of(questions_, &Question::open)) {
        settle();
        if (deadline_) begin_candidate(now);
    } else if (!response.addresses.empty()) {
        deadline_ = std::min(*deadline_, now + family_wait);
    }
}

/// Ends with the addresses there are, or with the next name, or for want of one with an error. The
/// deadline stays if there is a next name to begin with.
void Resolver::settle() {
    std::vector<IpAddress> addresses;
    for (const auto& question : questions_)
        addresses.insert(addresses.end(), question.addresses.begin(), question.addresses.end());
    if (!addresses.empty()) return finish(Resolved{std::move(addresses)});
    if (candidates_.size() > 1) {
        actions_.emplace_back(
            Event{"DNS knows no " + candidates_.front() + ", trying " + candidates_[1]});
        candidates_.erase(candidates_.begin());
        return;
    }
    finish(Failed{{names_exist_ ? "DNS knows " + host_name_ + ", but no address of it"
                                : "DNS says that " + host_name_ + " does not exist",
                   host_name_.ends_with(".local")
                       ? "names under .local are not looked up by multicast; use an address"
                       : "check the name, or use an address",
                   Remedy::operator_must_act}});
}

Actions Resolver::on_timer(Moment now) {
    if (!deadline_ || now < *deadline_) return {};
    skip_server("does not answer", now);
    return take_actions();
}

void Resolver::finish(Action action) {
    deadline_.reset();
    questions_.clear();
    actions_.push_back(std::move(action));
}

}  // namespace bootwire::dns
