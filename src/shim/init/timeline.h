// When each stage of the boot began, for the last console line and for boot.json.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "os/clock.h"

namespace bootwire::init {

class Timeline {
  public:
    /// The stage before has ended, if there was one. A stage that is entered again is that of a new
    /// attempt: it, and what had come after it, are told as of this one. Times count from kernel
    /// start.
    void enter(std::string_view stage) {
        entries_.erase(std::ranges::find(entries_, stage, &Entry::stage), entries_.end());
        entries_.push_back({std::string(stage), now()});
    }

    /// "init 812, network 901, session 1320, disk 1401, handoff 1450 ms"
    std::string to_string() const {
        std::string text;
        for (const Entry& entry : entries_) {
            text += (text.empty() ? "" : ", ") + entry.stage + " " +
                    std::to_string(entry.began.count());
        }
        return text + " ms";
    }

    /// [{"stage":"network","ms":901},…]
    std::string to_json() const {
        std::string json = "[";
        for (const Entry& entry : entries_) {
            json += (json.size() > 1 ? "," : "") + std::string("{\"stage\":\"") + entry.stage +
                    "\",\"ms\":" + std::to_string(entry.began.count()) + "}";
        }
        return json + "]";
    }

    struct Entry {
        std::string stage;
        Moment began;
    };
    const std::vector<Entry>& entries() const { return entries_; }

  private:
    std::vector<Entry> entries_;
};

}  // namespace bootwire::init
