# leadhub_add_plugin(NAME SOURCES file... [DESCRIPTOR file] [SCHEMA file] [LIBRARIES lib...])
#
# Builds the plugin NAME.so: a module that exports `leadhub_plugin` alone, with its descriptor in the ELF section
# .leadhub. DESCRIPTOR (descriptor.json unless told) is the descriptor without its config_schema; SCHEMA
# (config_schema.json unless told) is put into it, byte for byte. Both are checked to be JSON when CMake runs.
# The module goes to LEADHUB_PLUGIN_OUTPUT_DIRECTORY where that is set.
cmake_policy(VERSION 3.25)
set(LEADHUB_ADD_PLUGIN_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}" CACHE INTERNAL "Where leadhub_add_plugin's files are")

# Stops with a clear message unless the text of FILE is one JSON object.
function(leadhub_require_json_object FILE TEXT)
  string(JSON length ERROR_VARIABLE wrong LENGTH "${TEXT}")
  if(wrong)
    message(FATAL_ERROR "${FILE} is no JSON: ${wrong}")
  endif()
  if(NOT "${TEXT}" MATCHES "^[ \t\r\n]*{")
    message(FATAL_ERROR "${FILE} must hold a JSON object, {...}")
  endif()
endfunction()

# Writes TEXT as it is: file(CONFIGURE) would replace @NAME@ in it, file(GENERATE) would evaluate $<...>. An unchanged
# file keeps its time, so that nothing is built again.
function(leadhub_write_if_different FILE TEXT)
  if(EXISTS "${FILE}")
    file(READ "${FILE}" before)
    if("${before}" STREQUAL "${TEXT}")
      return()
    endif()
  endif()
  file(WRITE "${FILE}" "${TEXT}")
endfunction()

# The descriptor with the schema as its last member. Joined as text: CMake's string(JSON SET) would sort the keys,
# and the order of options is what the documentation shows.
function(leadhub_join_descriptor DESCRIPTOR SCHEMA OUTPUT)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${DESCRIPTOR}" "${SCHEMA}")
  file(READ "${DESCRIPTOR}" descriptor)
  file(READ "${SCHEMA}" schema)
  leadhub_require_json_object("${DESCRIPTOR}" "${descriptor}")
  leadhub_require_json_object("${SCHEMA}" "${schema}")
  string(JSON id ERROR_VARIABLE wrong GET "${descriptor}" id)
  if(wrong)
    message(FATAL_ERROR "${DESCRIPTOR} has no \"id\": add the plugin's id, for example \"id\": \"webform\"")
  endif()
  string(JSON twice ERROR_VARIABLE absent TYPE "${descriptor}" config_schema)
  if(NOT absent)
    message(FATAL_ERROR "${DESCRIPTOR} has a config_schema: move it to ${SCHEMA}, which is put there")
  endif()
  string(REGEX REPLACE "}[ \t\r\n]*$" "" descriptor "${descriptor}")
  leadhub_write_if_different("${OUTPUT}" "${descriptor},\n\"config_schema\": ${schema}}\n")
endfunction()

# A source file that puts DESCRIPTOR into its section, exactly, neither cut nor padded. It is of whichever language
# the project has enabled, because CMake drops sources of any other without a word. "R" keeps the section where the
# linker collects what nothing refers to. The hash makes compiler caches see a new descriptor.
function(leadhub_write_section_source DESCRIPTOR OUTPUT)
  file(SHA256 "${DESCRIPTOR}" hash)
  leadhub_write_if_different("${OUTPUT}"
"/* Made by leadhub_add_plugin from a descriptor with the SHA-256 ${hash}. */
__asm__(\".pushsection .leadhub,\\\"aR\\\",@progbits\\n.incbin \\\"${DESCRIPTOR}\\\"\\n.popsection\\n\");
typedef int leadhub_descriptor_is_in_its_section;
")
  set_source_files_properties("${OUTPUT}" PROPERTIES OBJECT_DEPENDS "${DESCRIPTOR}")
endfunction()

function(leadhub_add_plugin NAME)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "DESCRIPTOR;SCHEMA" "SOURCES;LIBRARIES")
  if(NOT ARG_DESCRIPTOR)
    set(ARG_DESCRIPTOR descriptor.json)
  endif()
  if(NOT ARG_SCHEMA)
    set(ARG_SCHEMA config_schema.json)
  endif()
  cmake_path(ABSOLUTE_PATH ARG_DESCRIPTOR BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  cmake_path(ABSOLUTE_PATH ARG_SCHEMA BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  set(suffix c)
  if(CXX IN_LIST languages)
    set(suffix cpp)
  endif()

  set(descriptor_file "${CMAKE_CURRENT_BINARY_DIR}/${NAME}.descriptor.json")
  set(section_file "${CMAKE_CURRENT_BINARY_DIR}/${NAME}.descriptor.${suffix}")
  leadhub_join_descriptor("${ARG_DESCRIPTOR}" "${ARG_SCHEMA}" "${descriptor_file}")
  leadhub_write_section_source("${descriptor_file}" "${section_file}")

  add_library(${NAME} MODULE ${ARG_SOURCES} "${section_file}")
  target_link_libraries(${NAME} PRIVATE LeadHub::sdk ${ARG_LIBRARIES})
  set_target_properties(${NAME} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${LEADHUB_ADD_PLUGIN_DIRECTORY}/plugin.version")
  # A symbol that nobody defines fails the build, not the start of somebody's hub. (Clang links the sanitizers' own
  # symbols into the program only, so there it cannot ask.)
  target_link_options(${NAME} PRIVATE
    "LINKER:--version-script=${LEADHUB_ADD_PLUGIN_DIRECTORY}/plugin.version" "LINKER:--exclude-libs,ALL"
    $<$<OR:$<C_COMPILER_ID:GNU>,$<CXX_COMPILER_ID:GNU>>:LINKER:-z,defs>)
  if(LEADHUB_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${NAME} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${LEADHUB_PLUGIN_OUTPUT_DIRECTORY}")
  endif()
  # The host refuses a plugin that others can write, which is what a umask of 002 would make.
  add_custom_command(TARGET ${NAME} POST_BUILD COMMAND chmod go-w "$<TARGET_FILE:${NAME}>" VERBATIM)
endfunction()
