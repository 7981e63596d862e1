// A stub resolver's state machine: one host name, several servers, retransmission. No I/O: answers
// and moments go in, actions come out. Names under `.local` are asked like any other: there is no
// multicast DNS here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "dns/message.h"

namespace bootwire::dns {

/// Send this UDP payload to port 53, from a port that is hard to guess (RFC 5452).
struct Send {
    IpAddress to;
    std::vector<uint8_t> payload;
};
/// Found: the addresses in the order of the answer, IPv4 first.
struct Resolved {
    std::vector<IpAddress> addresses;
};
struct Failed {
    Error error;
};
/// One line for the log.
struct Event {
    std::string text;
};
using Action = std::variant<Send, Resolved, Failed, Event>;
using Actions = std::vector<Action>;

struct ResolverSettings {
    /// Asked in this order; the first 8 count.
    std::vector<IpAddress> servers{};
    /// Tried first behind a name without dots; empty for none.
    std::string search_domain{};
    bool wants_v6 = false;  ///< IPv6 addresses, too
};

class Resolver {
  public:
    /// Evenly distributed 32-bit numbers, unpredictable: the ids of the questions.
    using Random = std::function<uint32_t()>;

    Resolver(ResolverSettings settings, Random random);

    /// Begins with a name; what was under way is forgotten. Ends in one Resolved or Failed.
    Actions start(std::string_view host_name, Moment now);
    /// An answer from port 53 of `from`. What answers no open question is passed over.
    Actions on_packet(const IpAddress& from, Bytes payload, Moment now);
    Actions on_timer(Moment now);
    std::optional<Moment> next_deadline() const { return deadline_; }

  private:
    struct Question {
        RecordType type;
        uint16_t id = 0;
        bool open = true;
        std::vector<IpAddress> addresses{};
    };

    const IpAddress& server() const { return settings_.servers[attempt_ % server_count()]; }
    size_t server_count() const { return settings_.servers.size(); }
    void begin_candidate(Moment now);
    void ask(Moment now);
    void begin_name(std::string name, Moment now);
    void skip_server(const std::string& trouble, Moment now);
    void use(const IpAddress& from, const Response& response, Question& question, Moment now);
    void settle();
    void finish(Action action);
    Actions take_actions() { return std::exchange(actions_, {}); }

    ResolverSettings settings_;
    Random random_;
    Actions actions_;
    std::string host_name_;
    std::vector<std::string> candidates_;  ///< names still to try, the present one first
    std::string asked_;                    ///< the present one, or an alias it leads to
    std::vector<Question> questions_;
    size_t attempt_ = 0;
    size_t detours_ = 0;  ///< aliases followed over several answers
    bool names_exist_ = false;
    std::string last_trouble_;
    std::optional<Moment> deadline_;
};

}  // namespace bootwire::dns
