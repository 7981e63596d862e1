// The descriptors that a process has.
#pragma once

#include <initializer_list>

namespace bootwire {

/// For a process that is to outlive, or not to disturb, the one it was forked from: closes every
/// descriptor but the standard ones (0 to 2) and these. Numbers that are no descriptor (-1) are no
/// error.
void close_everything_but(std::initializer_list<int> kept);

}  // namespace bootwire
