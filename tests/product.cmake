# The parts that touch the system: what of them decides something is tested here, the rest on the
# virtual Pi (tests/system).
add_unit_test(board board)
add_unit_test(net net)
add_unit_test(session session)
add_unit_test(handoff handoff control)
add_fuzz_target(handoff_program handoff)
add_fuzz_target(session_recovery session)
add_unit_test(init init_stages)
