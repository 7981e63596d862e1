add_unit_test(wifi wifi)
add_fuzz_target(wifi_conf wifi)
add_fuzz_target(wifi_control wifi)
