// What libstdc++ brings along for exceptions that nothing here can throw: its allocator, its
// reports of misuse and its last words. With the ones below the linker leaves the library's out,
// and with them the unwinding and the decoding of C++ names. Each of these is the end of the
// process.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>

namespace {

[[noreturn]] void give_up(std::string_view why) {
    constexpr std::string_view who = "bootwire: ";
    for (const std::string_view piece : {who, why, std::string_view("\n")}) {
        if (write(STDERR_FILENO, piece.data(), piece.size()) < 0) break;
    }
    std::abort();
}

}  // namespace

namespace bootwire {

/// See cmake/assertions.h.
[[noreturn]] void give_up_on_assertion();
void give_up_on_assertion() {
    give_up("an element or a value that is not there");
}

}  // namespace bootwire

// The functions that the headers of libstdc++ call in the place of `throw` (bits/functexcept.h).
namespace std {

void terminate() noexcept {
    give_up("std::terminate");
}
void __throw_bad_alloc() {
    give_up("out of memory");
}
void __throw_bad_array_new_length() {
    give_up("an array that is too long");
}
void __throw_bad_function_call() {
    give_up("a call of an empty std::function");
}
void __throw_logic_error(const char* why) {
    give_up(why);
}
void __throw_length_error(const char* why) {
    give_up(why);
}
void __throw_out_of_range(const char* why) {
    give_up(why);
}
void __throw_out_of_range_fmt(const char* why, ...) {
    give_up(why);
}
void __throw_invalid_argument(const char* why) {
    give_up(why);
}
void __throw_runtime_error(const char* why) {
    give_up(why);
}
// Weak: from GCC 13 on, what std::thread needs has it, too.
__attribute__((weak)) void __throw_system_error(int) {
    give_up("a thread or a lock that cannot be had");
}

}  // namespace std

// The landing pads inside libstdc++'s own objects (Itanium C++ ABI, Exception Handling).
extern "C" {

[[noreturn]] void __gxx_personality_v0() {
    give_up("an exception");
}
[[noreturn]] void __cxa_begin_catch() {
    give_up("an exception");
}
[[noreturn]] void __cxa_end_catch() {
    give_up("an exception");
}
[[noreturn]] void __cxa_rethrow() {
    give_up("an exception");
}
[[noreturn]] void __cxa_throw() {
    give_up("an exception");
}
[[noreturn]] void __cxa_allocate_exception() {
    give_up("an exception");
}
[[noreturn]] void __cxa_free_exception() {
    give_up("an exception");
}
[[noreturn]] void __cxa_call_unexpected() {
    give_up("an exception");
}
}

void* operator new(std::size_t size) {
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) give_up("out of memory");
    return memory;
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
