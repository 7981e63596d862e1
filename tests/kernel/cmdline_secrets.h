// What our kernel does to secrets on its command line, done here: the very code of
// kernel/patches/0003, cut out of it by from_patch.py, and in front of it as much of a kernel as it
// needs.
#pragma once

#include <strings.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bootwire::kernel {

namespace code {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

// NOLINTBEGIN: names are the kernel's
#define __init
#define __initconst
#define __user
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define COMMAND_LINE_SIZE 2048  // arm64's
#define pr_warn(text)
#define fs_initcall(function)
#define DECLARE_WORK(name, function) work_struct name

/// lib/ctype.c: bytes are Latin-1.
inline bool isspace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || static_cast<unsigned char>(c) == 0xa0;
}
inline void memzero_explicit(void* from, size_t size) {
    std::memset(from, 0, size);
}

// Of handing the secrets to the first process nothing is done here.
struct atomic_t {};
struct inode;
struct file;
struct work_struct {};
struct proc_ops {
    int (*proc_open)(inode*, file*);
    ssize_t (*proc_read)(file*, char*, size_t, loff_t*);
    loff_t (*proc_lseek)(file*, loff_t, int);
    int (*proc_release)(inode*, file*);
};
inline int current = 0;
inline bool is_global_init(int) {
    return true;
}
inline int atomic_xchg(atomic_t*, int) {
    return 0;
}
inline ssize_t simple_read_from_buffer(char*, size_t, loff_t*, const void*, size_t) {
    return 0;
}
inline loff_t default_llseek(file*, loff_t, int) {
    return 0;
}
inline void schedule_work(work_struct*) {}
inline void remove_proc_entry(const char*, void*) {}
inline void proc_create(const char*, int, void*, const proc_ops*) {}

#include "cmdline_secrets.inc"

#undef __init
#undef __initconst
#undef __user
#undef ARRAY_SIZE
#undef COMMAND_LINE_SIZE
#undef pr_warn
#undef fs_initcall
#undef DECLARE_WORK
// NOLINTEND

#pragma GCC diagnostic pop

}  // namespace code

struct Hidden {
    std::string line;    ///< what everybody sees, up to its first NUL
    std::string rest;    ///< what is behind that in the room that the arguments had
    std::string lines;   ///< /proc/cmdline_secrets
    unsigned count = 0;  ///< of the values that were replaced
};

/// bootargs: any bytes, as they are in the device tree.
inline Hidden hide_secrets(std::string_view bootargs) {
    code::secrets_len = 0;
    // No byte more than there are, so that the sanitizer sees one that is read beyond.
    std::vector<char> args;
    args.reserve(std::max<size_t>(bootargs.size(), 1));  // the kernel's are never nowhere
    args.assign(bootargs.begin(), bootargs.end());
    Hidden hidden;
    hidden.count = code::cmdline_hide_secrets(args.data(), args.size());
    const auto end = std::find(args.begin(), args.end(), '\0');
    hidden.line.assign(args.begin(), end);
    hidden.rest.assign(end, args.end());
    hidden.lines.assign(code::secrets, code::secrets_len);
    return hidden;
}

}  // namespace bootwire::kernel
