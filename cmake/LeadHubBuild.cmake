# Compiler settings that every target of this project shares, and the two functions that make its targets.

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_THREAD_PREFER_PTHREAD ON)
find_package(Threads REQUIRED)

# Clones at different places share what ccache keeps: paths below the source tree count as relative ones. The two
# kinds of sloppiness are what ccache asks for before it keeps an object that a precompiled header went into.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
endif()

# Warnings are an interface target that is never exported: a user of the SDK chooses their own.
add_library(leadhub_warnings INTERFACE)
target_compile_options(leadhub_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>
  $<$<BOOL:${LEADHUB_WARNINGS_AS_ERRORS}>:-Werror>)

# What GCC 12 warns of after inlining is mostly wrong about std::string (its bug 105651, mended in 13); the sanitizers
# see what is right.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(leadhub_warnings INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()

if(LEADHUB_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(LEADHUB_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(LEADHUB_SANITIZER)
  message(FATAL_ERROR "LEADHUB_SANITIZER is '${LEADHUB_SANITIZER}'; it can be empty, address or thread")
else()
  add_compile_options($<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2> -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now)
endif()

# leadhub_core_library(NAME SOURCES... [PUBLIC lib...] [PRIVATE lib...])
# One static library for one folder of core/, named leadhub_NAME. Includes are written from the core/ folder:
# #include "lead/event.hpp".
function(leadhub_core_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(leadhub_${NAME} STATIC ${ARG_SOURCES})
  target_compile_features(leadhub_${NAME} PUBLIC cxx_std_23)
  target_include_directories(leadhub_${NAME} PUBLIC "${PROJECT_SOURCE_DIR}/core")
  target_link_libraries(leadhub_${NAME} PUBLIC ${ARG_PUBLIC} PRIVATE leadhub_warnings Threads::Threads ${ARG_PRIVATE})
endfunction()

# The headers of GoogleTest and GoogleMock, compiled once for all test programs: 1.3 s of each test file otherwise.
function(leadhub_precompile_test_headers)
  add_executable(leadhub_test_precompiled "${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp")
  target_compile_features(leadhub_test_precompiled PRIVATE cxx_std_23)
  target_compile_options(leadhub_test_precompiled PRIVATE -fpch-preprocess)
  target_link_libraries(leadhub_test_precompiled PRIVATE leadhub_warnings GTest::gmock GTest::gtest_main Threads::Threads)
  target_precompile_headers(leadhub_test_precompiled PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
endfunction()

# leadhub_test(NAME SOURCES... LIBRARIES lib...)
# One GoogleTest program; each of its tests is a test of ctest.
function(leadhub_test NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_compile_features(${NAME} PRIVATE cxx_std_23)
  target_link_libraries(${NAME} PRIVATE leadhub_warnings ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main Threads::Threads)
  if(NOT TARGET leadhub_test_precompiled)
    leadhub_precompile_test_headers()
  endif()
  # A test program with flags of its own compiles without the precompiled header, a little slower, and says so.
  target_compile_options(${NAME} PRIVATE -fpch-preprocess -Wno-error=invalid-pch)
  set(c_sources ${ARG_SOURCES})
  list(FILTER c_sources INCLUDE REGEX "\\.c$")
  set_source_files_properties(${c_sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_precompile_headers(${NAME} REUSE_FROM leadhub_test_precompiled)
  target_compile_definitions(${NAME} PRIVATE LEADHUB_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    LEADHUB_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${NAME} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()
