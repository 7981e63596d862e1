# The parts of src/, which group each is of, and what may use what. A part is a folder and a static
# library; a group is the folder above, and the root of its parts' includes: of "iscsi/pdu.h", "iscsi"
# is the part. There is no other include root, so that a part cannot find what is in a group that it
# does not use. tests/includes.py looks at the rest: that each include is of a part that is named.

# Which groups a group's parts may use. Products never use one another's.
set(uses_of_base base)
set(uses_of_protocol base protocol)
set(uses_of_media base media)
set(uses_of_host base protocol media host)
foreach(product shim card server)
  set(uses_of_${product} base protocol media host ${product})
endforeach()
set(uses_of_bridge base protocol bridge)
# What it runs on has little room: of the protocols it takes no others.
set(parts_of_bridge base iscsi iscsi_initiator)

# Whether code throws, and knows types at run time. A group whose libraries throw catches at its seam
# to them, and speaks Result inside like the others.
foreach(group base protocol media host shim card bridge)
  set(throws_in_${group} OFF)
endforeach()
set(throws_in_server ON)

# The options of code that does not throw.
set(without_exceptions -fno-exceptions -fno-rtti)

# The parts of base lie in the group's folder itself; "base/text.h" is found in a folder of the build
# that has nothing else.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/base-root)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/base ${CMAKE_BINARY_DIR}/base-root/base SYMBOLIC)

# add_part(NAME GROUP [USES PART…] [LIBRARIES FILE…] [HEADERS FOLDER…] [EXCEPT SOURCE…])
#
# The .cpp files of the folder it is called in, as the static library NAME. USES: the parts whose
# headers it includes. LIBRARIES, HEADERS: what others have written; their headers are visible
# nowhere else. EXCEPT: sources of programs in the same folder.
function(add_part name group)
  cmake_parse_arguments(PARSE_ARGV 2 part "" "" "USES;LIBRARIES;HEADERS;EXCEPT")
  if(part_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_part(${name}): what is ${part_UNPARSED_ARGUMENTS}?")
  endif()
  if(NOT DEFINED uses_of_${group})
    message(FATAL_ERROR "add_part(${name}): there is no group ${group} (cmake/parts.cmake)")
  endif()
  foreach(used ${part_USES})
    if(NOT TARGET ${used})
      message(FATAL_ERROR "add_part(${name}): ${used} is no part, or comes after it (src/CMakeLists.txt)")
    endif()
    get_target_property(its_group ${used} PART_GROUP)
    if(NOT its_group IN_LIST uses_of_${group})
      message(FATAL_ERROR "add_part(${name}): ${group} may not use ${its_group}, so not ${used} (cmake/parts.cmake)")
    endif()
    if(DEFINED parts_of_${group} AND NOT its_group STREQUAL group AND NOT used IN_LIST parts_of_${group})
      message(FATAL_ERROR "add_part(${name}): ${group} may not use ${used} (cmake/parts.cmake)")
    endif()
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(other ${part_EXCEPT})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${other})
  endforeach()
  add_library(${name} STATIC ${sources})
  if(group STREQUAL base)
    target_include_directories(${name} PUBLIC ${CMAKE_BINARY_DIR}/base-root)
  else()
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src/${group})
  endif()
  target_include_directories(${name} SYSTEM PRIVATE ${part_HEADERS})
  target_link_libraries(${name} PUBLIC ${part_USES} PRIVATE ${part_LIBRARIES})
  if(NOT throws_in_${group})
    target_compile_options(${name} PRIVATE ${without_exceptions})
  endif()
  set_target_properties(${name} PROPERTIES PART_GROUP ${group} PART_THROWS ${throws_in_${group}})
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  list(JOIN part_USES " " uses)
  set_property(GLOBAL APPEND_STRING PROPERTY PARTS "${name}|${group}|${folder}|${uses}\n")
endfunction()

# write_parts(FILE): a line for each part, NAME|GROUP|FOLDER|PARTS THAT IT USES.
function(write_parts file)
  get_property(parts GLOBAL PROPERTY PARTS)
  file(CONFIGURE OUTPUT ${file} CONTENT "${parts}" @ONLY)
endfunction()
