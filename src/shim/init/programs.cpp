#include "init/programs.h"

#include <unistd.h>

#include <string>
#include <string_view>

#include "control/bootwirectl.h"
#include "delivery/command.h"
#include "init/attending.h"
#include "init/modprobe.h"
#include "os/file.h"
#include "shutdown/program.h"

namespace bootwire::init {

namespace {

/// The keeper knows nothing of modules.
int run_bootwirectl(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "modules") {
        return delivery::run_modules_command(argc, argv);
    }
    return control::run_bootwirectl(argc, argv);
}

struct Program {
    std::string_view path;
    int (*run)(int argc, char** argv);
};
constexpr Program known_programs[] = {
    {"/run/bootwire/bootwire-modprobe", run_modprobe},
    {attending_program, run_attending},
    {"/run/bootwire/bootwirectl", run_bootwirectl},
    {"/run/bootwire/bin/bootwirectl", run_bootwirectl},  // for PATH: handoff/os_profile.h
    {shutdown::installed_at, shutdown::run_shutdown},
};

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace

std::optional<int> run_program(int argc, char** argv) {
    if (argc < 1) return std::nullopt;
    for (const Program& program : known_programs) {
        if (name_of(argv[0]) == name_of(program.path)) return program.run(argc, argv);
    }
    return std::nullopt;
}

Status install_programs() {
    const std::string first(known_programs[0].path);
    if (auto copied = copy_file("/proc/self/exe", first, 0755); !copied) return copied;
    for (const Program& program : known_programs) {
        const std::string path(program.path);
        if (path == first) continue;
        if (auto made = make_directories(path.substr(0, path.rfind('/'))); !made) return made;
        unlink(path.c_str());
        if (link(first.c_str(), path.c_str()) != 0) return fail_errno("cannot create " + path);
    }
    return {};
}

}  // namespace bootwire::init
