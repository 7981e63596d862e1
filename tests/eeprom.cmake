add_unit_test(eeprom eeprom)
add_fuzz_target(eeprom_image eeprom)
target_include_directories(fuzz_eeprom_image PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/eeprom)
add_fuzz_target(eeprom_config eeprom)
