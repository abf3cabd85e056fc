cmake_minimum_required(VERSION 3.25)

function(run WHAT)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${WHAT} failed (${result}):\n${output}")
  endif()
  message(STATUS "${WHAT}: done")
endfunction()

set(flags "")
if(SANITIZER STREQUAL "address")
  set(flags -fsanitize=address,undefined)
elseif(SANITIZER)
  set(flags -fsanitize=${SANITIZER})
endif()

# Only to be quick; the build's own launcher is a command with arguments, which would not survive the way here.
find_program(launcher ccache)
if(NOT launcher)
  set(launcher "")
endif()

file(REMOVE_RECURSE "${WORK}")
run("installing the SDK" "${CMAKE_COMMAND}" --install "${BUILD}" --component sdk --prefix "${WORK}/prefix")
file(GLOB installed "${WORK}/prefix/share/leadhub/sdk/*")
run("copying the template" "${CMAKE_COMMAND}" -E copy_directory "${WORK}/prefix/share/leadhub/sdk/template" "${WORK}/acme")
run("configuring the template" "${CMAKE_COMMAND}" -S "${WORK}/acme" -B "${WORK}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${launcher}"
  "-DCMAKE_CXX_FLAGS=${flags}" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
file(STRINGS "${WORK}/build/CMakeCache.txt" found REGEX "^LeadHubSdk_DIR:")
if(NOT found MATCHES "${WORK}/prefix/")
  message(FATAL_ERROR "the template was configured with another SDK than the installed one: ${found}")
endif()
run("building the template" "${CMAKE_COMMAND}" --build "${WORK}/build")
run("testing the template" "${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --output-on-failure --no-tests=error)
run("loading the template's plugin with the host" "${LOADER}" "${WORK}/build/plugins" "${WORK}/acme/fixtures/lead.json")
