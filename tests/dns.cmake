add_unit_test(dns dns)
target_include_directories(test_dns PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/dns)
add_fuzz_target(dns_message dns)
