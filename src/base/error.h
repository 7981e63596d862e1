// Results and errors. Every fallible function returns Result<T>; an error is composed once, where
// it is understood, and is written for the person in front of the Pi.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace bootwire {

/// Whether time alone can mend a failure.
enum class Remedy {
    operator_must_act,  ///< a wrong name, a wrong secret, a missing partition: say so and stop
                        ///< trying
    waiting_helps,      ///< a server that is down, a link without carrier: try again, with back-off
};

/// Where a person reads on about a failure: a product has a catalogue of them (shim/topics), which
/// gives each number its name. 0 is none.
enum class Topic : uint8_t;

/// Why something could not be done.
struct Error {
    std::string what;  ///< what failed, on what, one sentence without a final full stop
    std::string hint;  ///< what to check or do; may be empty
    Remedy remedy = Remedy::operator_must_act;
    Topic topic{};  ///< of the product's catalogue

    /// "what (hint)" on one line.
    std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

/// An error ready to be returned: `return fail("no disk on LUN 1", "check the LUN");`
std::unexpected<Error> fail(std::string what, std::string hint = {});
/// The same for what may mend itself.
std::unexpected<Error> fail_for_now(std::string what, std::string hint = {});
/// A failed system call: "what: No such file or directory". Reads errno.
std::unexpected<Error> fail_errno(std::string what, std::string hint = {});
/// The same with the error number given (negative values, as netlink reports them, are understood).
std::unexpected<Error> fail_errno(int error_number, std::string what, std::string hint = {});

/// The same error under a topic, unless somebody nearer to the cause has given it one:
/// `return about(Topic::no_disk, fail("no disk on LUN 1", "check the LUN"));`
Error about(Topic topic, Error error);
std::unexpected<Error> about(Topic topic, std::unexpected<Error> error);

}  // namespace bootwire
