add_unit_test(base base)
target_compile_definitions(test_base PRIVATE SOURCES="${CMAKE_SOURCE_DIR}/src"
  TROUBLESHOOTING_PAGE="${CMAKE_SOURCE_DIR}/docs/troubleshooting.md")
