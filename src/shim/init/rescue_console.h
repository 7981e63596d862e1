// The rescue console: whoever types on one of the kernel's consoles, serial or keyboard, while the
// Pi boots, is answered there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "os/clock.h"
#include "os/fd.h"
#include "rescue/line_reader.h"
#include "rescue/order.h"

namespace bootwire::init {

/// Does what is wanted of the rescue console.
class RescueHost {
  public:
    /// Returns the answer: whole lines.
    virtual std::string carry_out(const rescue::Order& order) = 0;
    /// Somebody has typed the value of a setting, perhaps unseen.
    virtual void set(const std::string& name, const std::string& value) = 0;
    /// Somebody types at the screen, and wants to read there.
    virtual void lend_screen() = 0;

  protected:
    ~RescueHost() = default;
};

class RescueConsole {
  public:
    RescueConsole() = default;
    RescueConsole(const RescueConsole&) = delete;
    RescueConsole& operator=(const RescueConsole&) = delete;
    ~RescueConsole() { close(); }

    /// Listens on the consoles that the kernel uses; once is enough.
    void open();
    bool is_open() const { return !terminals_.empty(); }
    /// Answers what has been typed, without waiting for more.
    void look(RescueHost& host);
    /// Has somebody given an order within the last minute? Then the next attempt would be in the
    /// way.
    bool is_in_use() const {
        return !terminals_.empty() && last_order_ && now() - *last_order_ < in_use;
    }
    /// Until something is typed, for the given time at most.
    void wait(Milliseconds longest) const;
    /// The next system owns the consoles.
    void close();

  private:
    struct Terminal {
        std::string name;
        Fd typed;  ///< does not wait
        Fd shown;
        rescue::LineReader lines{};
        std::string secret_for{};  ///< the key whose value is being typed, unseen
    };

    void take(Terminal& terminal, const std::string& line, RescueHost& host);

    static constexpr Milliseconds in_use = std::chrono::minutes(1);

    std::vector<Terminal> terminals_;
    std::optional<Moment> last_order_;
};

}  // namespace bootwire::init
