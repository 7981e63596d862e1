// login-probe: bootwire's own login, tried against any target from the host. See --help.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "iscsi/scsi.h"
#include "iscsi_initiator/discovery.h"
#include "options.h"
#include "os/random.h"
#include "probe_session.h"
#include "session/conversation.h"
#include "session/login_error.h"
#include "stream.h"

namespace bootwire::peer {

using namespace iscsi;

namespace {

constexpr std::string_view purpose =
    "login-probe: logs in to an iSCSI target with bootwire's own library, follows redirections,\n"
    "lists the LUNs with their INQUIRY data, reads the first block of each disk, logs out, and\n"
    "says what it did. Without --name it asks which targets there are.\n\n"
    "usage: login-probe --portal ADDRESS:PORT [--name TARGET] [OPTION…]";

constexpr std::chrono::seconds patience{10};
constexpr int max_redirections = 5;

struct Settings {
    std::string portal;
    std::string target;
    std::string initiator = "iqn.2026-11.local.bootwire:probe";
    std::string user, secret, mutual_user, mutual_secret;
    std::vector<ChapAlgorithm> algorithms;
    bool digests = false;
    bool help = false;
};

std::vector<Option> options_for(Settings& settings) {
    using Text = const std::string&;
    const auto text = [](std::string& to) {
        return [&to](Text value) {
            to = value;
            return true;
        };
    };
    return {
        {"--portal", "ADDRESS:PORT", "where to connect", text(settings.portal)},
        {"--name", "TARGET", "the target's name", text(settings.target)},
        {"--initiator", "NAME", "the initiator's name", text(settings.initiator)},
        {"--chap", "USER:SECRET", "prove this",
         [&](Text v) { return split_login(v, settings.user, settings.secret); }},
        {"--mutual", "USER:SECRET", "ask the target to prove this",
         [&](Text v) { return split_login(v, settings.mutual_user, settings.mutual_secret); }},
        {"--algorithm", "NUMBER", "offer this CHAP algorithm alone (CHAP_A: 5 MD5 … 8 SHA3-256)",
         [&](Text v) {
             const auto algorithm = parse_chap_algorithm(v);
             if (algorithm) settings.algorithms = {*algorithm};
             return algorithm.has_value();
         }},
        {"--digests", "", "ask for CRC32C digests of headers and data",
         [&](Text) {
             settings.digests = true;
             return true;
         }},
        {"--help", "", "this text",
         [&](Text) {
             settings.help = true;
             return true;
         }},
    };
}

LoginSettings login_settings(const Settings& settings) {
    LoginSettings login;
    login.initiator_name = settings.initiator;
    login.target_name = settings.target;
    login.isid = Isid::from_serial(settings.initiator);
    if (settings.target.empty()) {
        login.session_type = SessionType::discovery;
        login.operational = discovery_preferences();
    }
    if (settings.digests) {
        login.operational.header_digest = DigestPreference::crc32c_first;
        login.operational.data_digest = DigestPreference::crc32c_first;
    }
    if (!settings.user.empty()) login.chap = {settings.user, settings.secret};
    if (!settings.algorithms.empty()) login.chap_algorithms = settings.algorithms;
    if (!settings.mutual_user.empty()) {
        login.mutual_chap = {settings.mutual_user, settings.mutual_secret};
    }
    fill_with_secure_random({&login.random.identifier, 1});
    fill_with_secure_random(login.random.challenge);
    return login;
}

void print_result(const LoginResult& result) {
    const OperationalParameters& p = result.parameters;
    std::printf(
        "logged in: tsih=%u tpgt=%u chap=%s target_proved=%s\n", result.tsih,
        p.target_portal_group_tag,
        result.chap_algorithm ? std::string(name_of(*result.chap_algorithm)).c_str() : "none",
        result.target_proved ? "yes" : "no");
    std::printf(
        "parameters: header_digest=%d data_digest=%d max_xmit=%u max_recv=%u "
        "initial_r2t=%d immediate_data=%d first_burst=%u max_burst=%u max_r2t=%u erl=%u "
        "time2wait=%u time2retain=%u\n",
        p.header_digest, p.data_digest, p.max_xmit_dlength, p.max_recv_dlength, p.initial_r2t,
        p.immediate_data, p.first_burst, p.max_burst, p.max_outstanding_r2t, p.erl,
        p.default_time2wait_s, p.default_time2retain_s);
}

Status discover(int fd, const std::string& peer, const LoginResult& login) {
    const auto storage = std::make_unique<DiscoveryStorage>();
    DiscoveryClient client(login, *storage);
    net::PduStream pdus(fd);
    pdus.use_digests(login.digests());
    if (auto status = session::converse(client, {pdus, peer, [] {}}); !status) return status;
    if (client.state() == DiscoveryState::failed) return std::unexpected(client.error());
    for (const auto& target : client.targets()) {
        std::printf("target %s\n", printable(target.name).c_str());
        for (const auto& portal : target.portals)
            std::printf("  portal %s\n", portal.to_string().c_str());
    }
    return {};
}

Status look_at_luns(ProbeSession& session) {
    std::array<uint8_t, 16> report_luns{0xa0};
    store_be32(&report_luns[6], 4096);
    const auto list = session.read_command(Lun{}, report_luns, 4096);
    if (!list) return std::unexpected(list.error());
    const auto luns = decode_report_luns(*list);
    if (!luns) return fail("REPORT LUNS: the answer is too short");
    for (const Lun lun : *luns) {
        std::array<uint8_t, 16> ask{0x12, 0, 0, 0, 96};
        const auto data = session.read_command(lun, ask, 96);
        if (!data) return std::unexpected(data.error());
        const auto inquiry = decode_inquiry(*data);
        if (!inquiry) return fail("INQUIRY: the answer is too short");
        std::printf("lun %s type=%d vendor=%s product=%s\n", lun.to_string().c_str(),
                    static_cast<int>(inquiry->type), printable(inquiry->vendor.view()).c_str(),
                    printable(inquiry->product.view()).c_str());
        if (!inquiry->is_disk()) continue;
        std::array<uint8_t, 16> read_first{0x28, 0, 0, 0, 0, 0, 0, 0, 1};
        const auto block = session.read_command(lun, read_first, 512);
        if (!block) return std::unexpected(block.error());
        const std::string_view text = text_of(*block);
        std::printf("first block: %zu bytes, %s\n", block->size(), printable(text, 32).c_str());
    }
    return {};
}

Status use_session(Fd socket, const std::string& portal, const Settings& settings,
                   const LoginResult& result) {
    print_result(result);
    if (settings.target.empty()) return discover(socket.get(), portal, result);
    Connection connection(std::move(socket), patience);
    ProbeSession session(connection, result);
    if (auto status = look_at_luns(session); !status) return status;
    if (auto status = session.log_out(); !status) return status;
    std::printf("logged out\n");
    return {};
}

Status probe(const Settings& settings) {
    std::string portal = settings.portal;
    LoginSettings login = login_settings(settings);
    for (int redirections = 0; redirections <= max_redirections;) {
        auto connection = connect_to(portal, patience);
        if (!connection) return std::unexpected(connection.error());
        const auto storage = std::make_unique<LoginStorage>();
        LoginClient client(login, storage->buffers());
        net::PduStream pdus(connection->get());
        if (auto status = session::converse(client, {pdus, portal, [] {}}); !status) return status;
        if (client.state() == LoginState::failed) {
            return std::unexpected(session::describe(client.failure(), login));
        }
        if (client.state() == LoginState::retry_with_md5) {
            std::printf("the target takes no list of CHAP algorithms: again with MD5 alone\n");
            login.chap_algorithms = md5_alone;
            continue;
        }
        if (client.state() == LoginState::finished) {
            return use_session(std::move(*connection), portal, settings, client.result());
        }
        portal = client.redirection().address.to_string();
        std::printf("redirected %s to %s\n",
                    client.redirection().permanent ? "for good" : "for now", portal.c_str());
        ++redirections;
    }
    return fail("too many redirections");
}

int fail_with(const Error& error) {
    std::fprintf(stderr, "login-probe: %s\n", error.to_string().c_str());
    return EXIT_FAILURE;
}

int run(std::span<char* const> arguments) {
    Settings settings;
    const auto options = options_for(settings);
    if (auto status = read_options(arguments, options); !status) return fail_with(status.error());
    if (settings.help) {
        print_help(purpose, options);
        return EXIT_SUCCESS;
    }
    if (settings.portal.empty()) return fail_with({"--portal is needed", "see --help"});
    const auto status = probe(settings);
    return status ? EXIT_SUCCESS : fail_with(status.error());
}

}  // namespace

}  // namespace bootwire::peer

int main(int argc, char** argv) {
    return bootwire::peer::run({argv + 1, static_cast<size_t>(argc - 1)});
}
