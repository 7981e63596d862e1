#include "session/account.h"

#include "os/random.h"

namespace bootwire::session {

namespace {

iscsi::ChapCredentials credentials(const plan::ChapLogin& login) {
    return {login.name, login.secret.reveal()};
}

}  // namespace

iscsi::LoginRequest login_request(const Account& account) {
    iscsi::LoginRequest request;
    request.initiator_name = account.initiator;
    request.target_name = account.target;
    if (account.target.empty()) request.session_type = iscsi::SessionType::discovery;
    request.isid = account.isid;
    request.operational = account.operational;
    if (account.chap) {
        request.chap = credentials(*account.chap);
        request.random.identifier = static_cast<uint8_t>(random_number());
    }
    if (account.mutual_chap) {
        request.mutual_chap = credentials(*account.mutual_chap);
        fill_with_secure_random(request.random.challenge);
    }
    return request;
}

plan::Portal portal_of(const iscsi::TargetAddress& address) {
    if (const auto ip = address.address()) return {*ip, address.port};
    return {std::string(address.host.view()), address.port};
}

}  // namespace bootwire::session
