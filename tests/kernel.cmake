# The part of our kernel that this project has written, and that decides something: compiled for this
# machine out of the patch itself.
set(secrets_patch ${CMAKE_SOURCE_DIR}/kernel/patches/0003-cmdline-secrets.patch)
set(from_patch ${CMAKE_CURRENT_SOURCE_DIR}/kernel/from_patch.py)
set(secrets_code ${CMAKE_CURRENT_BINARY_DIR}/kernel/cmdline_secrets.inc)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/kernel)
# While configuring: what only reads the sources, as clang-tidy, builds nothing.
execute_process(COMMAND /usr/bin/python3 ${from_patch} ${secrets_patch} fs/proc/cmdline_secrets.c ${secrets_code}
                COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${secrets_patch} ${from_patch})

add_unit_test(kernel plan)
add_fuzz_target(kernel_cmdline_secrets plan)
foreach(target test_kernel fuzz_kernel_cmdline_secrets)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}
    ${CMAKE_CURRENT_BINARY_DIR}/kernel)
endforeach()
