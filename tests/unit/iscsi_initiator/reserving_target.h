// A logical unit with persistent reservations, as far as bootwire's commands go (SPC-4 section
// 5.13), and two kinds of targets around it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "iscsi_initiator/claim.h"

namespace bootwire::iscsi {

class ReservingTarget {
  public:
    struct Reply {
        ScsiStatus status = ScsiStatus::good;
        std::vector<uint8_t> sense;
        std::vector<uint8_t> data;
    };
    struct Registration {
        int nexus;
        uint64_t key;
    };

    bool knows_aptpl = true;
    bool knows_full_status = true;
    bool knows_reservations = true;
    bool can_note = true;     // LIO without its folder for that can't
    bool remembers = true;    // LIO stops to if it is not asked for it once
    int unit_attentions = 0;  // still to be told
    Sense refusal;            // of TEST UNIT READY; key 0: it is ready
    std::string initiator_of_others = "iqn.2026-11.test.lab:other";

    std::vector<Registration> registrations;
    std::optional<int> holder;     // a nexus
    std::vector<uint8_t> actions;  // service actions of PERSISTENT RESERVE OUT, in order

    uint64_t key_of(int nexus) const {
        for (const Registration& one : registrations)
            if (one.nexus == nexus) return one.key;
        return 0;
    }
    uint64_t holder_key() const { return holder ? key_of(*holder) : 0; }

    Reply carry_out(int nexus, const ScsiCommand& command) {
        if (unit_attentions > 0) {
            --unit_attentions;
            return check(6, 0x29, 0);
        }
        if (command.cdb[0] == 0) {
            return refusal.key == 0 ? Reply{} : check(refusal.key, refusal.code, refusal.qualifier);
        }
        if (!knows_reservations) return check(5, 0x20, 0);
        return command.cdb[0] == 0x5e ? in(command) : out(nexus, command);
    }

    /// All commands of a claim, until it is at its end.
    void run(Claim& claim, int nexus) {
        while (claim.state() == ClaimState::asking) {
            const Reply reply = carry_out(nexus, claim.command());
            claim.on_outcome(reply.status, reply.sense, reply.data);
        }
    }

  private:
    static Reply check(uint8_t key, uint8_t code, uint8_t qualifier) {
        std::vector<uint8_t> sense(18);
        sense[0] = 0x70;
        sense[2] = key;
        sense[12] = code;
        sense[13] = qualifier;
        return {ScsiStatus::check_condition, sense, {}};
    }

    Reply in(const ScsiCommand& command) const {
        std::vector<uint8_t> data(8);
        if (command.cdb[1] == 1) {
            if (holder) {
                data.resize(24);
                store_be32(&data[4], 16);
                store_be64(&data[8], holder_key());
                data[21] = write_exclusive_registrants_only;
            }
        } else if (!knows_full_status) {
            return check(5, 0x24, 0);
        } else {
            for (const Registration& one : registrations) {
                const size_t at = data.size();
                const size_t length = (initiator_of_others.size() + 4) & ~size_t{3};
                data.resize(at + 24 + 4 + length);
                store_be64(&data[at], one.key);
                data[at + 12] = holder == one.nexus ? 1 : 0;
                store_be32(&data[at + 20], static_cast<uint32_t>(4 + length));
                data[at + 24] = 5;
                store_be16(&data[at + 26], static_cast<uint16_t>(length));
                std::ranges::copy(initiator_of_others, data.begin() + static_cast<long>(at) + 28);
            }
            store_be32(&data[4], static_cast<uint32_t>(data.size() - 8));
        }
        return {ScsiStatus::good, {}, data};
    }

    Reply out(int nexus, const ScsiCommand& command) {
        const uint8_t action = command.cdb[1];
        const uint64_t key = load_be64(&command.out[0]), other = load_be64(&command.out[8]);
        Reply conflict{ScsiStatus::reservation_conflict, {}, {}};
        actions.push_back(action);
        if (action == 6) {
            const bool aptpl = (command.out[20] & 1) != 0;
            if (aptpl && !knows_aptpl) return check(5, 0x26, 0);
            if (!can_note) return check(2, 8, 0);
            remembers &= aptpl;
            forget([&](const Registration& one) { return one.nexus == nexus; }, other != 0);
            if (other != 0) registrations.push_back({nexus, other});
            return {};
        }
        if (key_of(nexus) == 0 || key_of(nexus) != key) return conflict;
        if (action == 1) {
            if (holder && *holder != nexus) return conflict;
            holder = nexus;
        } else if (action == 2) {
            if (holder == nexus) holder.reset();
        } else if (action == 4) {
            if (!std::ranges::any_of(registrations,
                                     [&](const auto& one) { return one.key == other; })) {
                return conflict;
            }
            const bool takes = holder_key() == other;
            forget([&](const auto& one) { return one.key == other && one.nexus != nexus; }, false);
            if (takes) holder = nexus;
        }
        return {};
    }

    template <class Which>
    void forget(Which which, bool keep_holding) {
        for (const Registration& one : registrations)
            if (which(one) && holder == one.nexus && !keep_holding) holder.reset();
        std::erase_if(registrations, which);
    }
};

}  // namespace bootwire::iscsi
