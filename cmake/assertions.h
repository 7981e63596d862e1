// Before all else in the product: where libstdc++ (GCC 12 and 14) finds an element or a value that
// is not there, one sentence of ours ends the process. Its own sentence for each place is 100 KB.
#pragma once

#include <bits/c++config.h>

namespace bootwire {
[[noreturn, gnu::cold]] void give_up_on_assertion();
}

#if defined(__glibcxx_assert_impl)  // GCC 12
#undef __glibcxx_assert_impl
#define __glibcxx_assert_impl(condition)             \
    if (__builtin_expect(!bool(condition), false)) { \
        __glibcxx_constexpr_assert(false);           \
        ::bootwire::give_up_on_assertion();          \
    }
#elif defined(_GLIBCXX_ASSERT_FAIL)  // GCC 13 and later
#undef _GLIBCXX_ASSERT_FAIL
#define _GLIBCXX_ASSERT_FAIL(condition) ::bootwire::give_up_on_assertion()
#else
#error "see __glibcxx_assert in bits/c++config.h: which of its macros ends the process?"
#endif
