# SPDX-License-Identifier: MIT
# ts_c_string(<text> <result>): the text as a C string literal, a line of it on each.
function(ts_c_string text result)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
    string(REPLACE "??" "?\\?" text "${text}") # no trigraphs
    set(${result} "\"${text}\"" PARENT_SCOPE)
endfunction()
