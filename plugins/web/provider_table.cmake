# leadhub_provider_table(NAME NAMESPACE)
#
# For a plugin NAME that speaks to many providers, each of them files of its own. In the folder of the plugin:
#   providers/list.txt             one a line, in the order of messages and documents
#   providers/NAME.cpp             everything about it; defines NAMESPACE::providers::NAME, a ProviderKind
#   providers/NAME.schema.json     its part of the configuration
#   providers/NAME.js              where it has one, a script that it serves, as NAMESPACE::providers::NAME_script;
#                                  lines of comment and blanks in front of others are left out
#   config_schema.json             with "oneOf": [] to fill in
#   provider.hpp                   declares ProviderKind and find_provider(name)
#   fixtures.hpp, fixtures/*.json  declares the table of sample requests; the samples
# Makes config_schema.json, providers.cpp and fixtures.cpp in the plugin's build folder, and sets
# NAME_provider_sources to what is to be compiled.

# Joined as text, so that every key keeps its place.
function(leadhub_fill_in FILE PLACE TEXT)
  file(READ "${FILE}" document)
  string(FIND "${document}" "${PLACE}[]" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${FILE} has no ${PLACE}[] to fill in")
  endif()
  string(REPLACE "${PLACE}[]" "${PLACE}[${TEXT}]" document "${document}")
  leadhub_write_if_different("${CMAKE_CURRENT_BINARY_DIR}/${FILE}" "${document}")
endfunction()

# One literal a file: together they may be longer than what a compiler must take as one.
function(leadhub_embed_fixtures NAMESPACE)
  file(GLOB fixture_files CONFIGURE_DEPENDS fixtures/*.json)
  set(fixture_list "")
  foreach(file IN LISTS fixture_files)
    file(READ "${file}" fixture)
    string(APPEND fixture_list "R\"leadhub(${fixture})leadhub\",\n")
  endforeach()
  leadhub_write_if_different("${CMAKE_CURRENT_BINARY_DIR}/fixtures.cpp" "#include \"fixtures.hpp\"
#include <string_view>
namespace ${NAMESPACE} {
namespace {
constexpr std::string_view texts[] = {
${fixture_list}};
leadhub_status list(const leadhub_fixture_sink* sink, leadhub_error*) {
  for (const std::string_view text : texts) sink->fixture(sink, {text.data(), text.size()});
  return LEADHUB_STATUS_OK;
}
}
const leadhub_fixtures fixtures{sizeof(leadhub_fixtures), 0, &list};
}
")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${fixture_files})
endfunction()

function(leadhub_provider_table NAME NAMESPACE)
  file(STRINGS providers/list.txt provider_lines REGEX "^[a-z]")
  set(sources "")
  set(schemas "")
  set(separator "")
  set(schema_files "")
  set(declarations "")
  set(scripts "")
  set(table "")
  foreach(provider IN LISTS provider_lines)
    if(NOT provider MATCHES "^[a-z_0-9]+$")
      message(FATAL_ERROR "providers/list.txt: \"${provider}\" is no name of a provider")
    endif()
    string(APPEND declarations "extern const ProviderKind ${provider};\n")
    string(APPEND table "&providers::${provider}, ")
    list(APPEND sources "providers/${provider}.cpp")
    set(script_file "${CMAKE_CURRENT_SOURCE_DIR}/providers/${provider}.js")
    if(EXISTS "${script_file}")
      file(READ "${script_file}" script)
      string(REGEX REPLACE "(^|\n) *//[^\n]*" "\\1" script "${script}")
      string(REGEX REPLACE "\n[ \n]+" "\n" script "${script}")
      string(APPEND scripts "extern const std::string_view ${provider}_script = R\"leadhub(${script})leadhub\";\n")
      list(APPEND schema_files "${script_file}")
    endif()
    set(schema_file "${CMAKE_CURRENT_SOURCE_DIR}/providers/${provider}.schema.json")
    file(READ "${schema_file}" schema)
    leadhub_require_json_object("${schema_file}" "${schema}")
    list(APPEND schema_files "${schema_file}")
    string(APPEND schemas "${separator}${schema}")
    set(separator ",\n")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS providers/list.txt ${schema_files}
    config_schema.json)
  leadhub_write_if_different("${CMAKE_CURRENT_BINARY_DIR}/providers.cpp" "#include \"provider.hpp\"
namespace ${NAMESPACE} {
namespace providers {
${declarations}${scripts}}
const ProviderKind* find_provider(std::string_view name) {
  for (const ProviderKind* const provider : {${table}})
    if (provider->name == name) return provider;
  return nullptr;
}
}
")
  leadhub_fill_in(config_schema.json "\"oneOf\": " "\n${schemas}")
  leadhub_embed_fixtures("${NAMESPACE}")
  set(${NAME}_provider_sources ${sources} "${CMAKE_CURRENT_BINARY_DIR}/providers.cpp"
    "${CMAKE_CURRENT_BINARY_DIR}/fixtures.cpp" PARENT_SCOPE)
endfunction()
