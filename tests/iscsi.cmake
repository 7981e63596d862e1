add_unit_test(iscsi iscsi)

add_subdirectory(${CMAKE_SOURCE_DIR}/lab/peer lab-peer)
