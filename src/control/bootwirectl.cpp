#include "control/bootwirectl.h"

#include <cstdio>
#include <string>

#include "control/address.h"
#include "control/client.h"

namespace bootwire::control {

namespace {

using namespace std::chrono_literals;

constexpr char kUsage[] =
    "usage: bootwirectl status      the session that the root disk hangs on\n"
    "       bootwirectl reconnect   give the connection up and make a new one (root only)\n";

}  // namespace

int run_bootwirectl(int argc, char** argv) {
    std::string request;
    for (int i = 1; i < argc; ++i)
        request += (i > 1 ? " " : "") + std::string(argv[i]);
    if (request.empty() || request == "-h" || request == "--help" || request == "help") {
        std::fputs(kUsage, request.empty() ? stderr : stdout);
        return request.empty() ? 2 : 0;
    }
    const auto answer = ask(socket_path, request, 10s);
    if (!answer) {
        std::fprintf(stderr, "bootwirectl: %s\n", answer.error().to_string().c_str());
        return 1;
    }
    std::fputs(answer->c_str(), stdout);
    return 0;
}

}  // namespace bootwire::control
