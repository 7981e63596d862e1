// The target's login, with the initiator's own client at the other end.
#include "both_sides.h"

namespace bootwire::iscsi {
namespace {

void expect_refusal(const LoginSettings& settings, const Admission& admission, LoginStatus status) {
    BothSides login(settings);
    login.run(admission);
    EXPECT_EQ(login.server().state(), LoginServerState::refused);
    EXPECT_EQ(login.server().status(), status);
    EXPECT_EQ(login.client().state(), LoginState::failed);
    EXPECT_EQ(login.client().failure().status_class, status.status_class);
    EXPECT_EQ(login.client().failure().status_detail, status.detail);
}

TEST(TargetLogin, without_authentication_comes_to_the_full_feature_phase) {
    BothSides login(initiator_settings());
    Admission admission = open_admission();
    admission.portal_group_tag = 3;
    admission.alias = "The disk";
    admission.operational.header_digest = DigestPreference::crc32c_first;
    admission.operational.max_burst_length = 262144;
    login.run(admission);
    ASSERT_EQ(login.client().state(), LoginState::finished);
    ASSERT_EQ(login.server().state(), LoginServerState::finished);
    EXPECT_EQ(login.server().identity().initiator_name.view(), test_initiator);
    EXPECT_EQ(login.server().identity().target_name.view(), test_target);
    EXPECT_EQ(login.server().identity().isid, initiator_settings().isid);
    const LoginResult& initiator = login.client().result();
    const LoginServerResult& target = login.server().result();
    EXPECT_EQ(initiator.tsih, 0x4711);
    EXPECT_EQ(initiator.parameters.target_portal_group_tag, 3);
    EXPECT_NE(login.texts()[0].find("TargetAlias=The disk;"), std::string::npos);
    EXPECT_FALSE(initiator.miscounted);
    EXPECT_TRUE(initiator.unanswered_key.empty());
    EXPECT_EQ(initiator.exp_stat_sn, target.stat_sn);
    EXPECT_EQ(initiator.cmd_sn, target.exp_cmd_sn) << "a login takes no number";
    EXPECT_EQ(initiator.exp_cmd_sn, target.exp_cmd_sn);
    EXPECT_EQ(initiator.max_cmd_sn, target.exp_cmd_sn + 15);
    EXPECT_EQ(initiator.parameters.max_burst, target.parameters.max_burst);
    EXPECT_EQ(initiator.parameters.header_digest, target.parameters.header_digest);
    EXPECT_EQ(initiator.parameters.max_xmit_dlength, target.parameters.max_recv_dlength);
    EXPECT_FALSE(target.chap_algorithm);
}

TEST(TargetLogin, with_chap_takes_each_algorithm_one_way_and_both) {
    for (const ChapAlgorithm algorithm : all_chap_algorithms) {
        for (const bool mutual : {false, true}) {
            const std::array<ChapAlgorithm, 1> one{algorithm};
            LoginSettings settings = initiator_settings();
            settings.chap = ChapCredentials{"pi", "secret of the pi"};
            settings.chap_algorithms = one;
            Admission admission = chap_admission();
            admission.mutual_chap = ChapCredentials{"target", "secret of the target"};
            if (mutual) settings.mutual_chap = admission.mutual_chap;
            BothSides login(settings);
            login.run(admission);
            ASSERT_EQ(login.client().state(), LoginState::finished) << name_of(algorithm);
            EXPECT_EQ(login.client().result().target_proved, mutual);
            EXPECT_EQ(login.server().result().chap_algorithm, algorithm);
            EXPECT_EQ(login.server().result().proved_to_initiator, mutual);
        }
    }
}

TEST(TargetLogin, refuses_a_wrong_secret_and_a_wrong_name_with_the_same_words) {
    LoginSettings settings = initiator_settings();
    settings.chap = ChapCredentials{"pi", "another secret"};
    expect_refusal(settings, chap_admission(), login_status::authentication_failed);
    settings.chap = ChapCredentials{"eve", "secret of the pi"};
    expect_refusal(settings, chap_admission(), login_status::authentication_failed);
}

TEST(TargetLogin, does_not_prove_itself_without_a_secret_of_its_own) {
    LoginSettings settings = initiator_settings();
    settings.chap = ChapCredentials{"pi", "secret of the pi"};
    settings.mutual_chap = ChapCredentials{"target", "secret of the target"};
    expect_refusal(settings, chap_admission(), login_status::authentication_failed);
}

TEST(TargetLogin, lets_nobody_in_with_the_same_secret_both_ways) {
    LoginSettings settings = initiator_settings();
    settings.chap = ChapCredentials{"pi", "secret of the pi"};
    Admission admission = chap_admission();
    admission.mutual_chap = ChapCredentials{"target", "secret of the pi"};
    expect_refusal(settings, admission, login_status::target_error);
}

TEST(TargetLogin, lets_nobody_in_without_proof_unless_the_configuration_says_so) {
    expect_refusal(initiator_settings(), Admission{}, login_status::authentication_failed);
    BothSides login(initiator_settings());
    login.run(chap_admission());
    EXPECT_EQ(login.server().status(), login_status::authentication_failed);
}

TEST(TargetLogin, refuses_what_the_configuration_refuses) {
    Admission admission;
    for (const LoginStatus status :
         {login_status::not_found, login_status::forbidden, login_status::service_unavailable}) {
        admission.status = status;
        expect_refusal(initiator_settings(), admission, status);
    }
}

TEST(TargetLogin, sends_an_initiator_elsewhere) {
    for (const LoginStatus status :
         {login_status::moved_temporarily, login_status::moved_permanently}) {
        Admission admission;
        admission.status = status;
        admission.address = "[2001:db8::1]:3261,1";
        BothSides login(initiator_settings());
        login.run(admission);
        ASSERT_EQ(login.client().state(), LoginState::redirected);
        EXPECT_EQ(login.client().redirection().address.to_string(), "[2001:db8::1]:3261");
        EXPECT_EQ(login.client().redirection().permanent,
                  status == login_status::moved_permanently);
    }
}

TEST(TargetLogin, of_a_discovery_session_needs_no_target) {
    LoginSettings settings = initiator_settings();
    settings.session_type = SessionType::discovery;
    settings.target_name = {};
    Admission admission = open_admission();
    // What means nothing there is no reason to end.
    admission.operational.immediate_data = false;
    BothSides login(settings);
    login.run(admission);
    ASSERT_EQ(login.client().state(), LoginState::finished);
    EXPECT_EQ(login.server().identity().session_type, SessionType::discovery);
    EXPECT_EQ(login.texts()[0].find("TargetPortalGroupTag"), std::string::npos);
}

TEST(TargetLogin, takes_a_round_more_where_it_has_to_offer_something_itself) {
    // One that is in the operational stage at once, and says nothing of data.
    LoginServerStorage storage;
    LoginServer server({.deadline = Moment::max()}, storage);
    Admission admission = open_admission();
    admission.operational.immediate_data = false;
    const auto say = [&](std::string text) {
        std::ranges::replace(text, ';', '\0');
        LoginRequestPdu request;
        request.transit = true;
        request.current = Stage::operational;
        request.next = Stage::full_feature;
        server.receive_pdu({request.encode(), bytes_of(text)});
        if (server.state() == LoginServerState::identified) server.admit(admission);
        if (server.state() == LoginServerState::complete) server.begin_session(1);
        const auto pdu = server.next_pdu();
        std::string answer(text_of(pdu->data));
        std::ranges::replace(answer, '\0', ';');
        return std::pair(LoginResponsePdu::decode(pdu->bhs)->transit, answer);
    };
    EXPECT_EQ(say("InitiatorName=iqn.2026-11.x:a;TargetName=iqn.2026-11.x:b;"),
              std::pair(false, std::string("TargetPortalGroupTag=1;ImmediateData=No;"
                                           "MaxRecvDataSegmentLength=262144;")));
    EXPECT_EQ(say("ImmediateData=No;"), std::pair(true, std::string()));
    EXPECT_EQ(server.state(), LoginServerState::finished);
    EXPECT_FALSE(server.result().parameters.immediate_data);
}

class RawLogin : public testing::Test {
  protected:
    /// Pairs ended by ';'.
    void say(const LoginRequestPdu& request, std::string text) {
        std::ranges::replace(text, ';', '\0');
        server.receive_pdu({request.encode(), bytes_of(text)});
        if (server.state() == LoginServerState::identified) server.admit(admission);
        if (server.state() == LoginServerState::complete) server.begin_session(1);
        if (server.state() != LoginServerState::sending) return;
        const auto pdu = server.next_pdu();
        response = *LoginResponsePdu::decode(pdu->bhs);
        answer.assign(text_of(pdu->data));
    }
    static LoginRequestPdu first() {
        LoginRequestPdu request;
        request.transit = true;
        request.next = Stage::operational;
        request.isid.bytes = {0x80, 1};
        request.task_tag = 5;
        request.cid = 3;
        request.cmd_sn = 9;
        return request;
    }
    static LoginRequestPdu second() {
        LoginRequestPdu request = first();
        request.current = Stage::operational;
        request.next = Stage::full_feature;
        return request;
    }
    static constexpr const char* names =
        "InitiatorName=iqn.2026-11.x:a;TargetName=iqn.2026-11.x:b;";

    Admission admission = open_admission();
    LoginServerStorage storage;
    LoginServer server{{.deadline = Moment(1000), .first_stat_sn = 50, .command_window = 4},
                       storage};
    LoginResponsePdu response;
    std::string answer;
};

TEST_F(RawLogin, is_answered_with_the_request_s_own_numbers) {
    say(first(), names);
    EXPECT_EQ(response.isid, first().isid);
    EXPECT_EQ(response.task_tag, 5u);
    EXPECT_EQ(response.stat_sn, 50u);
    EXPECT_EQ(response.exp_cmd_sn, 9u);
    EXPECT_EQ(response.max_cmd_sn, 12u);
    EXPECT_TRUE(response.transit) << "None is the method where nobody speaks of one";
    EXPECT_EQ(response.next, Stage::operational);
    say(second(), "");
    EXPECT_EQ(response.stat_sn, 51u);
    EXPECT_EQ(response.tsih, 1);
    EXPECT_EQ(server.state(), LoginServerState::finished);
    EXPECT_EQ(server.result().cid, 3);
}

TEST_F(RawLogin, may_come_in_pieces) {
    LoginRequestPdu request = first();
    request.transit = false;
    request.continues = true;
    say(request, "InitiatorName=iqn.2026-11.x:a;Target");
    EXPECT_EQ(response.status_class, 0);
    EXPECT_FALSE(response.transit);
    EXPECT_EQ(answer, "");
    say(first(), "Name=iqn.2026-11.x:b;");
    EXPECT_EQ(server.identity().target_name.view(), "iqn.2026-11.x:b");
    EXPECT_TRUE(response.transit);
}

TEST_F(RawLogin, lacks_no_name) {
    say(first(), "TargetName=iqn.2026-11.x:b;");
    EXPECT_EQ(server.status(), login_status::missing_parameter);
    EXPECT_EQ(server.state(), LoginServerState::refused);
}

TEST_F(RawLogin, to_no_target_is_one_of_a_discovery_session) {
    say(first(), "InitiatorName=iqn.2026-11.x:a;");
    EXPECT_EQ(server.status(), login_status::missing_parameter);
}

TEST_F(RawLogin, is_of_a_type_that_there_is) {
    say(first(), std::string(names) + "SessionType=Boot;");
    EXPECT_EQ(server.status(), login_status::unsupported_session_type);
}

TEST_F(RawLogin, has_a_name_that_is_one) {
    say(first(), "InitiatorName=../../etc;TargetName=iqn.2026-11.x:b;");
    EXPECT_EQ(server.status(), login_status::initiator_error);
}

TEST_F(RawLogin, is_of_version_0) {
    LoginRequestPdu request = first();
    request.version_min = request.version_max = 1;
    say(request, names);
    EXPECT_EQ(server.status(), login_status::unsupported_version);
}

TEST_F(RawLogin, goes_through_its_stages_in_their_order) {
    for (const auto& [current, next, transit, continues] :
         {std::tuple{Stage::full_feature, Stage::full_feature, true, false},
          {Stage::reserved, Stage::full_feature, false, false},
          {Stage::operational, Stage::security, true, false},
          {Stage::security, Stage::reserved, true, false},
          {Stage::security, Stage::security, true, false},
          {Stage::security, Stage::operational, true, true}}) {
        LoginServerStorage own;
        LoginServer one({.deadline = Moment::max()}, own);
        LoginRequestPdu request = first();
        request.current = current;
        request.next = next;
        request.transit = transit;
        request.continues = continues;
        one.receive_pdu({request.encode(), {}});
        EXPECT_EQ(one.status(), login_status::invalid_request) << int(current) << int(next);
    }
    say(first(), names);
    say(first(), "");  // once more the security stage
    EXPECT_EQ(server.status(), login_status::invalid_request);
}

TEST_F(RawLogin, stays_the_same_session) {
    for (int what = 0; what < 5; ++what) {
        LoginServerStorage own;
        LoginServer one({.deadline = Moment::max()}, own);
        std::string text = names;
        std::ranges::replace(text, ';', '\0');
        one.receive_pdu({first().encode(), bytes_of(text)});
        one.admit(open_admission());
        one.next_pdu();
        LoginRequestPdu request = second();
        if (what == 0) request.isid.bytes[1] ^= 1;
        if (what == 1) request.tsih = 1;
        if (what == 2) request.cid = 4;
        if (what == 3) request.task_tag = 6;
        if (what == 4) request.cmd_sn = 10;
        one.receive_pdu({request.encode(), {}});
        EXPECT_EQ(one.status(), login_status::invalid_request) << what;
    }
}

TEST_F(RawLogin, does_not_become_another_one_s_by_a_second_name) {
    say(first(), names);
    say(second(), "InitiatorName=iqn.2026-11.x:other;");
    EXPECT_EQ(server.status(), login_status::initiator_error);
}

TEST_F(RawLogin, does_not_get_around_chap_by_leaving_its_stage_out) {
    admission = chap_admission();
    say(second(), names);
    EXPECT_EQ(server.status(), login_status::authentication_failed);
}

TEST_F(RawLogin, does_not_get_around_chap_by_not_speaking_of_it) {
    admission = chap_admission();
    for (const Stage next : {Stage::operational, Stage::full_feature}) {
        LoginServerStorage own;
        LoginServer one({.deadline = Moment::max()}, own);
        std::string text = names;
        std::ranges::replace(text, ';', '\0');
        LoginRequestPdu request = first();
        request.next = next;
        one.receive_pdu({request.encode(), bytes_of(text)});
        one.admit(admission);
        EXPECT_EQ(one.status(), login_status::authentication_failed);
    }
}

TEST_F(RawLogin, does_not_go_on_before_chap_is_over) {
    admission = chap_admission();
    say(first(), std::string(names) + "AuthMethod=CHAP;");
    EXPECT_FALSE(response.transit);
    say(first(), "CHAP_A=5;");
    EXPECT_FALSE(response.transit);
    EXPECT_NE(answer.find("CHAP_C=0x"), std::string::npos);
    say(first(), "");
    EXPECT_FALSE(response.transit);
    EXPECT_EQ(server.state(), LoginServerState::receiving);
    say(second(), "");
    EXPECT_EQ(server.status(), login_status::invalid_request);
}

TEST_F(RawLogin, chooses_its_method_once) {
    admission = chap_admission();
    say(first(), std::string(names) + "AuthMethod=CHAP;");
    say(first(), "AuthMethod=None;");
    EXPECT_EQ(server.status(), login_status::initiator_error);
}

TEST_F(RawLogin, cannot_have_the_target_answer_its_own_challenge) {
    admission = chap_admission();
    admission.mutual_chap = ChapCredentials{"target", "secret of the target"};
    say(first(), std::string(names) + "AuthMethod=CHAP;");
    say(first(), "CHAP_A=5;");
    const size_t at = answer.find("CHAP_C=");
    say(first(), "CHAP_I=5;" + answer.substr(at, answer.find('\0', at) - at) + ";");
    EXPECT_EQ(server.status(), login_status::authentication_failed);
    EXPECT_EQ(server.chap_problem(), ChapProblem::challenge_reflected);
}

TEST_F(RawLogin, says_no_word_of_chap_that_was_not_asked_for) {
    say(first(), std::string(names) + "CHAP_A=5;");
    EXPECT_EQ(server.status(), login_status::authentication_failed);
    EXPECT_EQ(server.chap_problem(), ChapProblem::unexpected_key);
}

TEST_F(RawLogin, may_go_to_the_full_feature_phase_at_once) {
    LoginRequestPdu request = first();
    request.next = Stage::full_feature;
    say(request, names);
    EXPECT_EQ(server.state(), LoginServerState::finished);
    EXPECT_TRUE(response.transit);
    EXPECT_EQ(response.next, Stage::full_feature);
}

TEST_F(RawLogin, ends_without_a_word_where_something_else_comes_first) {
    server.receive_pdu({NopOutPdu{}.encode(), {}});
    EXPECT_EQ(server.state(), LoginServerState::broken);
}

TEST_F(RawLogin, is_over_at_its_deadline_however_much_was_said) {
    say(first(), names);
    EXPECT_EQ(server.on_time(Moment(999)), LoginServerState::receiving);
    EXPECT_EQ(server.on_time(Moment(1000)), LoginServerState::broken);
}

TEST_F(RawLogin, is_not_endless) {
    LoginRequestPdu request = first();
    request.transit = false;
    for (int i = 0; i < max_login_requests; ++i)
        say(request, i == 0 ? names : "");
    EXPECT_EQ(server.state(), LoginServerState::receiving);
    say(request, "");
    EXPECT_EQ(server.state(), LoginServerState::broken);
}

TEST_F(RawLogin, holds_as_much_text_as_the_rfc_asks_for_and_no_more) {
    LoginRequestPdu request = first();
    request.transit = false;
    request.continues = true;
    const std::string piece(8000, 'x');
    say(request, std::string(names) + piece);
    say(request, piece);
    EXPECT_EQ(server.state(), LoginServerState::receiving);
    say(request, piece);
    EXPECT_EQ(server.status(), login_status::out_of_resources);
}

}  // namespace
}  // namespace bootwire::iscsi
