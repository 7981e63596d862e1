add_unit_test(helpdisk helpdisk)
add_unit_test(rescue rescue)
add_fuzz_target(rescue_order rescue)
