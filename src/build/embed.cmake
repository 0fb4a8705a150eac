# SPDX-License-Identifier: MIT
# Turns a text into a C string: cmake -DSOURCE=… -DSYMBOL=… -DOUTPUT=… -P embed.cmake
# A line `--#include "lua/x.lua"` is replaced by that file of src/, whose own are, too.
include(${CMAKE_CURRENT_LIST_DIR}/c_string.cmake)
file(READ ${SOURCE} text)
while(text MATCHES "--#include \"([^\"]+)\"")
    set(line "${CMAKE_MATCH_0}")
    file(READ ${CMAKE_CURRENT_LIST_DIR}/../${CMAKE_MATCH_1} included)
    string(REPLACE "${line}" "${included}" text "${text}")
endwhile()
ts_c_string("${text}" text)
file(WRITE ${OUTPUT} "extern const char ${SYMBOL}[];\nconst char ${SYMBOL}[] =\n    ${text};\n")
