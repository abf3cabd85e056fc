# Compares the layout of the ABI with the golden file, and sees that no struct is missing from it.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE layout COMMAND_ERROR_IS_FATAL ANY)
file(READ "${GOLDEN}" golden)
if(NOT "${layout}" STREQUAL "${golden}")
  file(WRITE "${PROGRAM}.actual" "${layout}")
  execute_process(COMMAND diff -u "${GOLDEN}" "${PROGRAM}.actual" OUTPUT_VARIABLE difference)
  message("${difference}")
  message(FATAL_ERROR "The layout of the plugin ABI has changed, as shown above. "
    "Plugins that were built before would break. If what changed is\n"
    "  - a struct of a released version: take the change back; append a member only together with a new minor "
    "version, or add a new struct or extension revision (the policy stands at the top of sdk/include/leadhub/abi.h);\n"
    "  - a struct of the drafts, or something that was never released: copy ${PROGRAM}.actual over ${GOLDEN}.")
endif()

file(STRINGS "${HEADER}" structs REGEX "struct [a-z_]+ {$")
foreach(line IN LISTS structs)
  string(REGEX MATCH "struct ([a-z_]+) {" ignored "${line}")
  set(name "${CMAKE_MATCH_1}")
  string(FIND "${golden}" "${name} " at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${name} is not pinned: add it to tests/abi/print_layout.c and its lines to abi.golden")
  endif()
endforeach()
list(LENGTH structs count)
message(STATUS "the layout of ${count} structs is as it was")
