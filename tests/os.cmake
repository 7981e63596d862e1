add_unit_test(os os)
