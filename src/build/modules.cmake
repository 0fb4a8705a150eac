# SPDX-License-Identifier: MIT
# How a folder under src/ becomes a library or a program: every .c in it is compiled, every .lua is
# embedded as `const char ts_lua_<file name>[]`.

# ts_target_name(<folder> <result>): "directory/google" → ts_directory_google
function(ts_target_name folder result)
    string(REPLACE "/" "_" name "ts_${folder}")
    set(${result} ${name} PARENT_SCOPE)
endfunction()

function(ts_link target)
    foreach(used ${ARGN})
        if(NOT used MATCHES "::")
            ts_target_name(${used} used)
        endif()
        target_link_libraries(${target} PUBLIC ${used})
    endforeach()
endfunction()

# ts_embed_lua(<target> <folder>)
function(ts_embed_lua target folder)
    file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.lua)
    file(GLOB shared CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/lua/*.lua)
    foreach(script ${scripts})
        get_filename_component(name ${script} NAME_WE)
        set(generated ${CMAKE_CURRENT_BINARY_DIR}/lua/${target}_${name}.c)
        add_custom_command(OUTPUT ${generated}
            COMMAND ${CMAKE_COMMAND} -DSCRIPT=${script} -DNAME=${name} -DOUTPUT=${generated}
                    -P ${PROJECT_SOURCE_DIR}/src/build/embed.cmake
            DEPENDS ${script} ${shared} ${PROJECT_SOURCE_DIR}/src/build/embed.cmake VERBATIM)
        set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
        target_sources(${target} PRIVATE ${generated})
    endforeach()
endfunction()

# ts_module(<folder> USES <module or pkg-config target>...)
function(ts_module folder)
    cmake_parse_arguments(MODULE "" "" "USES" ${ARGN})
    ts_target_name(${folder} target)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.c)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC ts_flags)
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    ts_embed_lua(${target} ${folder})
    ts_link(${target} ${MODULE_USES})
endfunction()

# ts_program(<name> <folder> USES ...): the folder's main.c is the program; the rest is a module, so
# that tests can link it.
function(ts_program name folder)
    cmake_parse_arguments(PROGRAM "" "" "USES" ${ARGN})
    ts_module(${folder} USES ${PROGRAM_USES})
    ts_target_name(${folder} target)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources EXCLUDE REGEX "/main\\.c$")
    set_target_properties(${target} PROPERTIES SOURCES "${sources}")
    add_executable(${name} ${PROJECT_SOURCE_DIR}/src/${folder}/main.c)
    target_link_libraries(${name} PRIVATE ${target})
endfunction()
