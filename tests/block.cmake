add_unit_test(block block)
target_include_directories(test_block PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/disk)
