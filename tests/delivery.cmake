add_unit_test(delivery delivery)
