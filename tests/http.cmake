add_unit_test(http http)
add_fuzz_target(http_response http)
