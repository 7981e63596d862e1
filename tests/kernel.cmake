# The parts of our kernel that this project has written, and that decide something: compiled for this
# machine out of the patches themselves.
set(from_patch ${CMAKE_CURRENT_SOURCE_DIR}/kernel/from_patch.py)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/kernel)

# While configuring: what only reads the sources, as clang-tidy, builds nothing.
function(cut_out patch file name)
  set(patch ${CMAKE_SOURCE_DIR}/kernel/patches/${patch})
  execute_process(COMMAND /usr/bin/python3 ${from_patch} ${patch} ${file} ${CMAKE_CURRENT_BINARY_DIR}/kernel/${name}
                  COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch} ${from_patch})
endfunction()
cut_out(0003-cmdline-secrets.patch fs/proc/cmdline_secrets.c cmdline_secrets.inc)
cut_out(0004-otp-boot-mode.patch drivers/firmware/raspberrypi_otp.h otp.inc)
cut_out(0006-raid6-tables.patch lib/raid/raid6/tables.c raid6_tables.inc)

add_unit_test(kernel plan)
add_fuzz_target(kernel_cmdline_secrets plan)
foreach(target test_kernel fuzz_kernel_cmdline_secrets)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}
    ${CMAKE_CURRENT_BINARY_DIR}/kernel)
endforeach()
