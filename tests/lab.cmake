# Of the lab, what needs neither a network nor a kernel.
add_test(NAME lab COMMAND /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/lab)
