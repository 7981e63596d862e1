add_unit_test(control control)
add_fuzz_target(control_request control keeper)
add_fuzz_target(control_report control)
