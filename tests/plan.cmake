add_unit_test(plan plan)
target_compile_definitions(test_plan PRIVATE SETTINGS_PAGE="${CMAKE_SOURCE_DIR}/docs/settings.md")
add_fuzz_target(plan_command_line plan)
add_fuzz_target(plan_merge plan)
