#include "session/account.h"

#include "os/random.h"

namespace bootwire::session {

namespace {

iscsi::ChapCredentials credentials(const plan::ChapLogin& login) {
    return {login.name, login.secret.reveal()};
}

}  // namespace

iscsi::LoginSettings login_settings(const Account& account) {
    iscsi::LoginSettings settings;
    settings.initiator_name = account.initiator;
    settings.target_name = account.target;
    if (account.target.empty()) settings.session_type = iscsi::SessionType::discovery;
    settings.isid = account.isid;
    settings.operational = account.operational;
    if (account.chap) {
        settings.chap = credentials(*account.chap);
        settings.random.identifier = static_cast<uint8_t>(random_number());
    }
    if (account.mutual_chap) {
        settings.mutual_chap = credentials(*account.mutual_chap);
        fill_with_secure_random(settings.random.challenge);
    }
    return settings;
}

plan::Portal portal_of(const iscsi::TargetAddress& address) {
    if (const auto ip = address.address()) return {*ip, address.port};
    return {std::string(address.host.view()), address.port};
}

}  // namespace bootwire::session
