add_unit_test(disk disk block)
add_fuzz_target(disk_partition_table disk)
add_fuzz_target(disk_file_system disk)
add_fuzz_target(disk_cmdline plan)
