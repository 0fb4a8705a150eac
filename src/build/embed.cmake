# SPDX-License-Identifier: MIT
# Turns a text file into a C string: cmake -DSCRIPT=… -DNAME=… -DOUTPUT=… -P embed.cmake
file(READ ${SCRIPT} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE ${OUTPUT}
    "extern const char ts_lua_${NAME}[];\nconst char ts_lua_${NAME}[] =\n    \"${text}\";\n")
