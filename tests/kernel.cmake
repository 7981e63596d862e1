# The part of our kernel that this project has written, and that decides something: compiled for this
# machine out of the patch itself.
set(secrets_patch ${CMAKE_SOURCE_DIR}/kernel/patches/0003-cmdline-secrets.patch)
set(from_patch ${CMAKE_CURRENT_SOURCE_DIR}/kernel/from_patch.py)
set(secrets_code ${CMAKE_CURRENT_BINARY_DIR}/kernel/cmdline_secrets.inc)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/kernel)
add_custom_command(
  OUTPUT ${secrets_code}
  COMMAND /usr/bin/python3 ${from_patch} ${secrets_patch} fs/proc/cmdline_secrets.c ${secrets_code}
  DEPENDS ${secrets_patch} ${from_patch} VERBATIM)
add_custom_target(secrets_code DEPENDS ${secrets_code})

add_unit_test(kernel plan)
add_fuzz_target(kernel_cmdline_secrets plan)
foreach(target test_kernel fuzz_kernel_cmdline_secrets)
  add_dependencies(${target} secrets_code)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}
    ${CMAKE_CURRENT_BINARY_DIR}/kernel)
endforeach()
