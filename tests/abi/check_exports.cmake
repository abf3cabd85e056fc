# A plugin exports `leadhub_plugin` and nothing else: no C++ symbol of one plugin may meet another's.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND "${NM}" --dynamic --defined-only --format=posix "${PLUGIN}" OUTPUT_VARIABLE symbols
  COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE " [^\n]*\n" ";" names "${symbols}")
# A version script gives its own name no symbol; sanitizers and linkers add some that begin with underscores.
list(FILTER names EXCLUDE REGEX "^(__|_init$|_fini$|_edata$|_end$|$)")
if(NOT "${names}" STREQUAL "leadhub_plugin")
  message(FATAL_ERROR "${PLUGIN} exports '${names}'; it may export leadhub_plugin alone. See plugin.version and "
    "leadhub_add_plugin() in sdk/cmake/.")
endif()
message(STATUS "${PLUGIN} exports leadhub_plugin alone")
