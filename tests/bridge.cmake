# What a bridge, a microcontroller, will use of bootwire: compiled for two of them, linked as far as it
# goes, and looked at. bridge/port.h says what the bridge brings itself, bridge/check.py how much it
# may be.
foreach(tool g++ ld nm objdump)
  string(TOUPPER ${tool} name)
  string(REPLACE "++" "XX" name ${name})
  find_program(ARM_${name} arm-none-eabi-${tool} REQUIRED)
endforeach()
set(bridge ${CMAKE_CURRENT_SOURCE_DIR}/bridge)
set(linked_bridges)

# bridge_object(CPU PART SOURCE LIST): compiles it, and adds the object to the list of that name.
function(bridge_object cpu part source to)
  get_filename_component(name ${source} NAME_WE)
  set(object ${CMAKE_BINARY_DIR}/bridge/${cpu}/${part}/${name}.o)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/bridge/${cpu}/${part})
  add_custom_command(
    OUTPUT ${object}
    # A function's frame is bounded, as a microcontroller's stack is.
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${ARM_GXX} -std=gnu++23 -mcpu=${cpu} -mthumb -Os
            ${without_exceptions} -ffunction-sections -fdata-sections
            -Wall -Wextra -Werror -Wshadow -Wframe-larger-than=1024
            -I${CMAKE_BINARY_DIR}/base-root -I${CMAKE_SOURCE_DIR}/src/protocol
            -MD -MF ${object}.d -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d VERBATIM)
  set(${to} ${${to}} ${object} PARENT_SCOPE)
endfunction()

# link_bridge(CPU NAME ROOTS OBJECT…): with what the roots need of the objects, and nothing else.
function(link_bridge cpu name roots)
  set(linked ${CMAKE_BINARY_DIR}/bridge/${cpu}/${name}.o)
  list(TRANSFORM roots PREPEND --undefined=)
  add_custom_command(
    OUTPUT ${linked}
    COMMAND ${ARM_LD} --relocatable --gc-sections ${roots} -Map=${linked}.map -o ${linked} ${ARGN}
    DEPENDS ${ARGN} VERBATIM)
  set(linked_bridges ${linked_bridges} ${linked} PARENT_SCOPE)
endfunction()

set(cpus cortex-m0plus cortex-m33)
set(roots bridge_attach bridge_read bridge_detach)
foreach(cpu ${cpus})
  set(objects)
  foreach(part ${parts_of_bridge})
    get_target_property(sources ${part} SOURCES)
    list(FILTER sources EXCLUDE REGEX /chap_hash\\.cpp$)  # nettle's, which a bridge may not have
    foreach(source ${sources})
      bridge_object(${cpu} ${part} ${source} objects)
    endforeach()
  endforeach()
  bridge_object(${cpu} bridge ${bridge}/bridge.cpp objects)
  link_bridge(${cpu} linked "${roots}" ${objects})
endforeach()
bridge_object(cortex-m33 bridge ${bridge}/with_heap.cpp objects)
link_bridge(cortex-m33 with_heap "${roots};bridge_with_heap" ${objects})
add_custom_target(bridge ALL DEPENDS ${linked_bridges})

list(TRANSFORM cpus REPLACE "(.+)" "${CMAKE_BINARY_DIR}/bridge/\\1/linked.o" OUTPUT_VARIABLE linked)
set(check /usr/bin/python3 ${bridge}/check.py)
add_test(NAME bridge_symbols COMMAND ${check} symbols ${ARM_NM} ${ARM_OBJDUMP} ${linked})
add_test(NAME bridge_size COMMAND ${check} size ${linked})
add_test(NAME bridge_symbols_finds_the_heap
         COMMAND ${check} symbols ${ARM_NM} ${ARM_OBJDUMP} ${CMAKE_BINARY_DIR}/bridge/cortex-m33/with_heap.o)
set_tests_properties(bridge_symbols_finds_the_heap PROPERTIES PASS_REGULAR_EXPRESSION
                     "a bridge has no operator new\\(unsigned int\\)")
