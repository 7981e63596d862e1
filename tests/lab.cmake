# Of the lab, what needs neither a network nor a kernel.
add_test(NAME lab COMMAND /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/lab)
set_tests_properties(lab PROPERTIES ENVIRONMENT BOOTWIRE_EEPROM=$<TARGET_FILE:bootwire-eeprom>)

add_unit_test(crowd keeper)
target_sources(test_crowd PRIVATE ${CMAKE_SOURCE_DIR}/lab/peer/crowd_member.cpp)
target_include_directories(test_crowd PRIVATE ${CMAKE_SOURCE_DIR}/lab/peer ${CMAKE_CURRENT_SOURCE_DIR}/unit/keeper
  ${CMAKE_CURRENT_SOURCE_DIR}/unit/iscsi_initiator)
