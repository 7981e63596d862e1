add_unit_test(devicetree devicetree)
add_fuzz_target(devicetree devicetree)
target_include_directories(test_devicetree PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/disk
    ${CMAKE_CURRENT_SOURCE_DIR}/unit/bootfiles)
target_link_libraries(test_devicetree PRIVATE disk kexec)
