#include "init/programs.h"

#include <unistd.h>

#include <string>
#include <string_view>

#include "base/file.h"
#include "control/bootwirectl.h"
#include "init/modprobe.h"

namespace bootwire::init {

namespace {

struct Program {
    std::string_view name;
    int (*run)(int argc, char** argv);
};
constexpr Program kPrograms[] = {
    {"bootwire-modprobe", run_modprobe},
    {"bootwirectl", control::run_bootwirectl},
};

std::string installed_path(std::string_view name) {
    return "/run/bootwire/" + std::string(name);
}

}  // namespace

std::optional<int> run_program(int argc, char** argv) {
    if (argc < 1) return std::nullopt;
    const std::string_view path = argv[0];
    const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
    for (const Program& program : kPrograms) {
        if (name == program.name) return program.run(argc, argv);
    }
    return std::nullopt;
}

Status install_programs() {
    const std::string first = installed_path(kPrograms[0].name);
    if (auto copied = copy_file("/proc/self/exe", first, 0755); !copied) return copied;
    for (const Program& program : kPrograms) {
        const std::string path = installed_path(program.name);
        if (path == first) continue;
        unlink(path.c_str());
        if (link(first.c_str(), path.c_str()) != 0) return fail_errno("cannot create " + path);
    }
    return {};
}

}  // namespace bootwire::init
