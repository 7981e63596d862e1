// One visitor for std::visit() out of several functions, one for each alternative.
#pragma once

namespace bootwire {

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

}  // namespace bootwire
