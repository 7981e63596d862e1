add_unit_test(iscsi iscsi)
