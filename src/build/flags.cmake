# SPDX-License-Identifier: MIT
# Warnings for everybody; sanitizers and hardening where a preset asks for them.
add_library(ts_flags INTERFACE)
target_compile_options(ts_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef
    -Wvla -Wwrite-strings -Wpointer-arith -Wcast-qual -Wconversion -Wno-sign-conversion -Wswitch-enum
    -fno-common)
target_compile_definitions(ts_flags INTERFACE _GNU_SOURCE TS_VERSION="${PROJECT_VERSION}")
target_include_directories(ts_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)

if(TS_SANITIZE)
    target_compile_options(ts_flags INTERFACE
        -fsanitize=${TS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(ts_flags INTERFACE -fsanitize=${TS_SANITIZE})
endif()

if(TS_FUZZ)
    target_compile_options(ts_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(TS_HARDEN)
    target_compile_options(ts_flags INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64")
        target_compile_options(ts_flags INTERFACE -fcf-protection)
    endif()
    target_link_options(ts_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()
