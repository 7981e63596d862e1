add_unit_test(dhcp dhcp)
target_include_directories(test_dhcp PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/dhcp)
