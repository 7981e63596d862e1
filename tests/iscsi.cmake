add_unit_test(iscsi iscsi)
add_unit_test(iscsi_initiator iscsi_initiator)

add_fuzz_target(iscsi_pdu iscsi_initiator)
add_fuzz_target(iscsi_text_keys iscsi)
add_fuzz_target(iscsi_login_response iscsi_initiator session)
add_fuzz_target(iscsi_root_path iscsi_initiator plan)
add_fuzz_target(iscsi_discovery iscsi_initiator)
add_fuzz_target(iscsi_reservation iscsi_initiator)

add_subdirectory(${CMAKE_SOURCE_DIR}/lab/peer lab-peer)
