// The rescue console: whoever types on one of the kernel's consoles, serial or keyboard, while the
// Pi boots, is answered there.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
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

    std::vector<Terminal> terminals_;
};

}  // namespace bootwire::init
