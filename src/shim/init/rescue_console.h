// The rescue console: whoever types on one of the kernel's consoles, serial or keyboard, while the
// Pi boots, is answered there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "os/clock.h"
#include "os/fd.h"
#include "rescue/line_reader.h"

namespace bootwire::init {

struct Machine;

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
    void look(Machine& machine);
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

    void take(Terminal& terminal, const std::string& line, Machine& machine);

    static constexpr Milliseconds in_use = std::chrono::minutes(1);

    std::vector<Terminal> terminals_;
    std::optional<Moment> last_order_;
};

}  // namespace bootwire::init
