// A name and the secret that proves it.
#pragma once

#include <string>

#include "plan/secret.h"

namespace bootwire::plan {

struct ChapLogin {
    std::string name;
    Secret secret;
};

}  // namespace bootwire::plan
