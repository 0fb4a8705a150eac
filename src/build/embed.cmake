# SPDX-License-Identifier: MIT
# Turns a text into a C string: cmake -DSOURCE=… -DSYMBOL=… -DOUTPUT=… -P embed.cmake
# A line `--#include "lua/x.lua"` is replaced by that file of src/.
include(${CMAKE_CURRENT_LIST_DIR}/c_string.cmake)
file(READ ${SOURCE} text)
string(REGEX MATCHALL "--#include \"[^\"]+\"" includes "${text}")
foreach(line ${includes})
    string(REGEX REPLACE ".*\"([^\"]+)\"" "\\1" name "${line}")
    file(READ ${CMAKE_CURRENT_LIST_DIR}/../${name} included)
    string(REPLACE "${line}" "${included}" text "${text}")
endforeach()
ts_c_string("${text}" text)
file(WRITE ${OUTPUT} "extern const char ${SYMBOL}[];\nconst char ${SYMBOL}[] =\n    ${text};\n")
