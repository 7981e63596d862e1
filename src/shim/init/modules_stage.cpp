#include "init/modules_stage.h"

#include <fcntl.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/host_name.h"
#include "base/text.h"
#include "delivery/report.h"
#include "init/network_stage.h"
#include "init/packed_modules.h"
#include "os/file.h"

namespace bootwire::init {

namespace {

constexpr char sum_path[] = "/modules/sha256";
constexpr size_t digits_of_folder = 8;

/// What stays open outlives the mount.
Fd open_on_card(const People& people) {
    if (!has_own_card()) return Fd();
    const auto mounted = people.card().mount_own(people.given.command_line, Card::Access::read);
    if (!mounted) return Fd();
    const std::string path = mounted->path() + "/" + delivery::file_name;
    return Fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

}  // namespace

std::vector<Url> module_sources(const plan::ModulesWish& wish,
                                const std::optional<dhcp::Lease>& lease, std::string_view serial) {
    if (wish.from) return {*wish.from};
    const std::string server = lease ? lease->tftp_server : "";
    if (!IpAddress::parse(server) && !is_host_name(server)) return {};
    const std::string name = std::string("/") + delivery::file_name;
    std::vector<Url> sources;
    if (serial.size() >= digits_of_folder) {
        const std::string folder = lower(serial.substr(serial.size() - digits_of_folder));
        sources.push_back({"tftp", server, std::nullopt, "/" + folder + name});
    }
    sources.push_back({"tftp", server, std::nullopt, name});
    return sources;
}

std::optional<std::string> parse_sum(std::string_view text) {
    const std::string sum = lower(trim(text));
    if (sum.size() != 64 || !std::ranges::all_of(sum, is_hex_digit)) return std::nullopt;
    return sum;
}

void fetch_modules(const plan::Plan& plan, const uplink::Network& network,
                   const board::Board& board, const People& people, delivery::Delivery& modules) {
    if (has_packed_modules()) return modules.leave_out("this kernel is the disk's own");
    const plan::ModulesWish& wish = plan.modules.value;
    if (!wish.wanted) return modules.leave_out("bootwire.modules=off");
    const auto sum = parse_sum(read_file(sum_path, 128).value_or(""));
    if (!sum) return modules.leave_out("this Image.gz was built without, and knows of none");
    delivery::Orders orders{*sum, module_sources(wish, network.lease, board.serial),
                            name_servers_of(plan.network), "no DHCP server names a TFTP server"};
    modules.begin(std::move(orders), [&] { return wish.from ? Fd() : open_on_card(people); });
}

}  // namespace bootwire::init
