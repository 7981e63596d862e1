#include "handoff/os_profile.h"

#include "handoff/os_network.h"

namespace bootwire::handoff {

std::string profile_with_programs(std::string_view profile) {
    const std::string folder = programs_in_run;
    std::string text(cover_note);
    text += profile;
    if (!text.ends_with('\n')) text += '\n';
    return text +
           "# bootwirectl is in the memory of the running system, not on the disk.\ncase "
           "\":$PATH:\" in\n*:" +
           folder + ":*) ;;\n*) PATH=$PATH:" + folder + " ;;\nesac\n";
}

}  // namespace bootwire::handoff
