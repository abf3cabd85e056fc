# leadhub_add_plugin(NAME SOURCES file... [DESCRIPTOR file] [SCHEMA file] [LIBRARIES lib...])
#
# Builds the plugin NAME.so: a module that exports `leadhub_plugin` alone, with its descriptor in the ELF section
# .leadhub. DESCRIPTOR (descriptor.json unless told) is the descriptor without its config_schema; SCHEMA
# (config_schema.json unless told) is put into it. Both are checked to be JSON when CMake runs.
# The module goes to LEADHUB_PLUGIN_OUTPUT_DIRECTORY where that is set.
set(LEADHUB_ADD_PLUGIN_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}" CACHE INTERNAL "Where leadhub_add_plugin's files are")

function(leadhub_add_plugin NAME)
  cmake_parse_arguments(ARG "" "DESCRIPTOR;SCHEMA" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_DESCRIPTOR)
    set(ARG_DESCRIPTOR descriptor.json)
  endif()
  if(NOT ARG_SCHEMA)
    set(ARG_SCHEMA config_schema.json)
  endif()
  cmake_path(ABSOLUTE_PATH ARG_DESCRIPTOR BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  cmake_path(ABSOLUTE_PATH ARG_SCHEMA BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ARG_DESCRIPTOR}" "${ARG_SCHEMA}")

  file(READ "${ARG_DESCRIPTOR}" descriptor)
  file(READ "${ARG_SCHEMA}" schema)
  string(JSON descriptor SET "${descriptor}" config_schema "${schema}")
  set(descriptor_file "${CMAKE_CURRENT_BINARY_DIR}/${NAME}.descriptor.json")
  file(CONFIGURE OUTPUT "${descriptor_file}" CONTENT "${descriptor}" @ONLY)

  # An assembler file, so that the section is exactly the document, neither cut nor padded by a compiler.
  set(section_file "${CMAKE_CURRENT_BINARY_DIR}/${NAME}.descriptor.c")
  file(CONFIGURE OUTPUT "${section_file}" @ONLY CONTENT
"__asm__(\".pushsection .leadhub,\\\"a\\\",@progbits\\n.incbin \\\"${descriptor_file}\\\"\\n.popsection\\n\");
typedef int leadhub_descriptor_is_in_its_section;
")
  set_source_files_properties("${section_file}" PROPERTIES OBJECT_DEPENDS "${descriptor_file}")

  add_library(${NAME} MODULE ${ARG_SOURCES} "${section_file}")
  target_link_libraries(${NAME} PRIVATE LeadHub::sdk ${ARG_LIBRARIES})
  set_target_properties(${NAME} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${LEADHUB_ADD_PLUGIN_DIRECTORY}/plugin.version")
  target_link_options(${NAME} PRIVATE
    "LINKER:--version-script=${LEADHUB_ADD_PLUGIN_DIRECTORY}/plugin.version" "LINKER:--exclude-libs,ALL")
  if(LEADHUB_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${NAME} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${LEADHUB_PLUGIN_OUTPUT_DIRECTORY}")
  endif()
endfunction()
