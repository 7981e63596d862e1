#include "delivery/report.h"

#include <algorithm>
#include <string_view>

#include "control/quantities.h"

namespace bootwire::delivery {

namespace {

constexpr std::string_view how_to_get_them =
    "to have    put modules.sqfs beside the Image.gz that it was made with (./bootwire build\n"
    "           --modules), on the card or the TFTP server, or name it with bootwire.modules=URL;\n"
    "           or install that build's bootwire-modules_*_arm64.deb on this system\n";

std::string line(std::string_view subject, std::string_view text) {
    std::string whole(subject);
    whole.resize(11, ' ');
    return whole.append(text).append("\n");
}

}  // namespace

std::string in_one_line(const Report& report) {
    const std::string start = "kernel modules: ";
    switch (report.kind) {
        case Report::Kind::of_disk:
            return start + "the disk has them";
        case Report::Kind::in_memory:
            return start + std::to_string(report.count) + " from " + report.source + ", " +
                   control::amount_in_words(report.bytes) + " in memory" +
                   (report.why.empty() ? "" : "; " + report.why);
        case Report::Kind::on_the_way:
            return start + "still being fetched from " + report.source;
        case Report::Kind::none:
            break;
    }
    return start + "none but Image.gz's own: " + report.why;
}

std::string in_words(const Report& report) {
    std::string text = line("kernel", report.release);
    switch (report.kind) {
        case Report::Kind::of_disk:
            text += line("modules", std::to_string(report.count) + ", of the disk");
            break;
        case Report::Kind::in_memory:
            text += line("modules", std::to_string(report.count) +
                                        ", in memory: " + control::amount_in_words(report.bytes));
            text += line("from", report.source);
            break;
        case Report::Kind::on_the_way:
            text += line("modules", "being fetched");
            text += line("from", report.source);
            break;
        case Report::Kind::none:
            text += line("modules", "none but those in Image.gz");
            break;
    }
    if (!report.seen_at.empty()) text += line("folder", report.seen_at);
    if (!report.why.empty()) text += line("why", report.why);
    if (report.kind == Report::Kind::none) text += how_to_get_them;
    if (report.kind == Report::Kind::in_memory) {
        text += line("to keep", "bootwirectl modules install puts them on the disk");
    }
    return text;
}

size_t count_modules(std::string_view modules_dep) {
    return static_cast<size_t>(std::ranges::count(modules_dep, ':'));
}

}  // namespace bootwire::delivery
