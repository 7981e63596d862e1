add_unit_test(shutdown shutdown)
add_fuzz_target(shutdown_mountinfo shutdown)
