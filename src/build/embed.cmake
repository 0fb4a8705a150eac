# SPDX-License-Identifier: MIT
# Turns a text into a C string: cmake -DSOURCE=… -DSYMBOL=… -DOUTPUT=… -P embed.cmake
# A line `--#include "lua/x.lua"` is replaced by that file of src/.
file(READ ${SOURCE} text)
string(REGEX MATCHALL "--#include \"[^\"]+\"" includes "${text}")
foreach(line ${includes})
    string(REGEX REPLACE ".*\"([^\"]+)\"" "\\1" name "${line}")
    file(READ ${CMAKE_CURRENT_LIST_DIR}/../${name} included)
    string(REPLACE "${line}" "${included}" text "${text}")
endforeach()
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE ${OUTPUT}
    "extern const char ${SYMBOL}[];\nconst char ${SYMBOL}[] =\n    \"${text}\";\n")
