add_unit_test(screen screen)
target_include_directories(test_screen PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/unit/screen)
# The splash as a picture, to look at: tests/pictures/splash.cpp.
add_executable(splash-picture pictures/splash.cpp)
target_include_directories(splash-picture PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(splash-picture PRIVATE screen)
# Those of docs/pictures, which ctest renews with BOOTWIRE_RENEW=1 in the environment.
add_test(NAME pictures COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/pictures/docs.py
         $<TARGET_FILE:splash-picture> ${CMAKE_SOURCE_DIR}/docs/pictures)
