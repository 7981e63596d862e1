add_unit_test(tftp tftp)
add_fuzz_target(tftp_download tftp)
