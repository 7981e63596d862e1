# The parts that touch the system: what of them decides something is tested here, the rest on the
# virtual Pi (tests/system).
add_unit_test(topics topics os)
target_compile_definitions(test_topics PRIVATE SOURCES="${CMAKE_SOURCE_DIR}/src"
  TROUBLESHOOTING_PAGE="${CMAKE_SOURCE_DIR}/docs/troubleshooting.md")
add_unit_test(board board)
add_fuzz_target(board_boot_mode board)
add_unit_test(net net)
add_fuzz_target(net_netlink net)
add_unit_test(uplink uplink)
target_include_directories(test_uplink PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/net)
add_unit_test(session session)
target_include_directories(test_session PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/net)
add_fuzz_target(session_kernel_event session)
add_unit_test(keeper keeper)
target_include_directories(test_keeper PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/session
  ${CMAKE_CURRENT_SOURCE_DIR}/unit/iscsi_initiator)
add_unit_test(handoff handoff control)
add_fuzz_target(handoff_program handoff)
add_fuzz_target(handoff_interfaces handoff)
add_fuzz_target(handoff_covers handoff)
add_fuzz_target(session_recovery keeper)
add_fuzz_target(keeper_portals keeper)
add_unit_test(init init_stages)
