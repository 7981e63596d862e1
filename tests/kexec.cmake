add_unit_test(kexec kexec)
target_include_directories(test_kexec PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/unit/kexec)
add_fuzz_target(kexec_image kexec)
add_fuzz_target(kexec_module_set kexec)
