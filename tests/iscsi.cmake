add_unit_test(iscsi iscsi)

add_fuzz_target(iscsi_pdu iscsi)
add_fuzz_target(iscsi_text_keys iscsi)
add_fuzz_target(iscsi_login_response iscsi)
add_fuzz_target(iscsi_root_path iscsi)
add_fuzz_target(iscsi_discovery iscsi)
add_fuzz_target(iscsi_reservation iscsi)

add_subdirectory(${CMAKE_SOURCE_DIR}/lab/peer lab-peer)
