add_unit_test(base base)
