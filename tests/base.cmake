add_unit_test(base base)
add_fuzz_target(base_address base)
