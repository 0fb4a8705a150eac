# SPDX-License-Identifier: MIT
# How a folder under src/ becomes a library or a program: every .c in it is compiled, every .lua and
# .json is embedded as `const char ts_<extension>_<file name>[]`, and a folder `page` in it as
# `struct ts_asset ts_page_<folder>[]`.

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

# ts_embed(<target> <folder>)
function(ts_embed target folder)
    file(GLOB texts CONFIGURE_DEPENDS
         ${PROJECT_SOURCE_DIR}/src/${folder}/*.lua ${PROJECT_SOURCE_DIR}/src/${folder}/*.json)
    file(GLOB shared CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/lua/*.lua)
    foreach(text ${texts})
        get_filename_component(name ${text} NAME_WE)
        get_filename_component(extension ${text} LAST_EXT)
        string(REPLACE "." "ts_" symbol "${extension}_${name}")
        set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded/${target}/${symbol}.c)
        add_custom_command(OUTPUT ${generated}
            COMMAND ${CMAKE_COMMAND} -DSOURCE=${text} -DSYMBOL=${symbol} -DOUTPUT=${generated}
                    -P ${PROJECT_SOURCE_DIR}/src/build/embed.cmake
            DEPENDS ${text} ${shared} ${PROJECT_SOURCE_DIR}/src/build/embed.cmake
                    ${PROJECT_SOURCE_DIR}/src/build/c_string.cmake VERBATIM)
        set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
        target_sources(${target} PRIVATE ${generated})
    endforeach()
endfunction()

# ts_embed_page(<target> <folder>)
function(ts_embed_page target folder)
    set(page ${PROJECT_SOURCE_DIR}/src/${folder}/page)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${page}/*)
    if(NOT files)
        return()
    endif()
    set(symbol ts_page_${folder})
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded/${target}/${symbol}.c)
    set(script ${PROJECT_SOURCE_DIR}/src/build/embed_page.cmake)
    add_custom_command(OUTPUT ${generated}
        COMMAND ${CMAKE_COMMAND} -DFOLDER=${page} -DSYMBOL=${symbol} -DOUTPUT=${generated} -P ${script}
        DEPENDS ${files} ${script} ${PROJECT_SOURCE_DIR}/src/build/c_string.cmake VERBATIM)
    set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
    target_sources(${target} PRIVATE ${generated})
endfunction()

# ts_module(<folder> USES <module or pkg-config target>...)
function(ts_module folder)
    cmake_parse_arguments(MODULE "" "" "USES" ${ARGN})
    ts_target_name(${folder} target)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.c)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC ts_flags)
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    ts_embed(${target} ${folder})
    ts_embed_page(${target} ${folder})
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
