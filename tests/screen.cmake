add_unit_test(screen screen)
target_include_directories(test_screen PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/screen)
# The splash as a picture, to look at: tests/pictures/splash.cpp.
add_executable(splash-picture pictures/splash.cpp)
target_include_directories(splash-picture PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(splash-picture PRIVATE screen)
