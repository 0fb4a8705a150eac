# SPDX-License-Identifier: MIT
# Turns a folder of a web page's files into a table of `struct ts_asset`:
# cmake -DFOLDER=… -DSYMBOL=… -DOUTPUT=… -P embed_page.cmake
include(${CMAKE_CURRENT_LIST_DIR}/c_string.cmake)
file(GLOB_RECURSE paths RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT paths)
set(texts "")
set(rows "")
set(number 0)
foreach(path ${paths})
    file(READ ${FOLDER}/${path} text)
    string(SHA256 digest "${text}")
    string(SUBSTRING ${digest} 0 32 digest)
    ts_c_string("${text}" text)
    string(APPEND texts "static const char text_${number}[] =\n    ${text};\n")
    string(APPEND rows "    {\"${path}\", \"\\\"${digest}\\\"\", text_${number}, sizeof(text_${number}) - 1},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT}
    "#include \"teamsync/ui.h\"\n${texts}struct ts_asset ${SYMBOL}[] = {\n${rows}};\n"
    "const size_t ${SYMBOL}_count = ${number};\n")
