# The sanitizers' build reads its commonest headers once, instead of once a source: that is half of
# its time. The other builds do without, so that a file that lacks an #include is found there.
# Not CMake's own precompiled headers: their absolute paths would make every command a new one to the
# compiler cache in each checkout.

# precompile(NAME OPTIONS HEADER…): what the targets of a folder take by use_precompiled(FOLDER NAME).
# OPTIONS: a list of those that its targets have beside the folder's; all must be compiled alike.
function(precompile name more_options)
  set(header precompiled/${name}.h)  # compilers run in the build folder
  list(TRANSFORM ARGN REPLACE "(.+)" "#include \\1\n" OUTPUT_VARIABLE includes)
  string(CONCAT includes ${includes})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${header} CONTENT "${includes}")
  get_directory_property(options COMPILE_OPTIONS)
  list(APPEND options ${more_options})
  set(compiler ${CMAKE_CXX_COMPILER} -std=c++${CMAKE_CXX_STANDARD} ${options} -x c++-header)

  # What it is to the compiler cache, which knows that from CCACHE_PCH_EXTSUM.
  execute_process(COMMAND ${compiler} -E -P ${header} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
                  OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(SHA256 sum "${CMAKE_CXX_COMPILER_VERSION} ${options} ${text}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.pch.sum CONTENT "${sum}")

  # Ninja takes relative names in the list of what was read for others than the compiler means.
  set(pch ${CMAKE_BINARY_DIR}/precompiled/${name}.pch)
  add_custom_command(OUTPUT ${pch}
                     COMMAND ${compiler} -MD -MT ${pch} -MF ${pch}.d -o ${pch} ${CMAKE_BINARY_DIR}/${header}
                     DEPENDS ${CMAKE_BINARY_DIR}/${header} DEPFILE ${pch}.d
                     WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
  add_custom_target(${name} DEPENDS ${pch})
endfunction()

# use_precompiled(FOLDER NAME): for what is built in that folder and in those below.
function(use_precompiled folder name)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    get_target_property(throws ${target} PART_THROWS)
    if(type STREQUAL UTILITY OR throws)
      continue()
    endif()
    target_compile_options(${target} PRIVATE -include-pch precompiled/${name}.pch)
    get_target_property(sources ${target} SOURCES)
    set_source_files_properties(${sources} TARGET_DIRECTORY ${target} PROPERTIES
                                OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/precompiled/${name}.pch)
    add_dependencies(${target} ${name})
  endforeach()
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(inner ${folders})
    use_precompiled(${inner} ${name})
  endforeach()
endfunction()
