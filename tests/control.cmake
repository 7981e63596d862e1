add_unit_test(control control)
