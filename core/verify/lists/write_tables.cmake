# Fetches the packages that package-lock.json names and writes their lists as C++.
#   cmake -DSOURCE=... -DWORK=... -DOUTPUT=... [-DINSTALLED=FOLDER] -P write_tables.cmake
# INSTALLED: a folder where `npm ci` ran already, for machines that build without a network.
find_program(NODE NAMES node nodejs)
if(NOT NODE)
  message(FATAL_ERROR "node is missing, which writes the e-mail lists; install the packages nodejs and npm")
endif()

if(INSTALLED)
  set(folder "${INSTALLED}")
else()
  find_program(NPM NAMES npm)
  if(NOT NPM)
    message(FATAL_ERROR "npm is missing, which fetches the e-mail lists; install the package npm")
  endif()
  set(folder "${WORK}")
  file(COPY "${SOURCE}/package.json" "${SOURCE}/package-lock.json" DESTINATION "${WORK}")
  # No script of a package runs: they are data to us. What npm has kept from an earlier build needs no network.
  execute_process(COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --prefer-offline
    WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(failed)
    message(FATAL_ERROR "${said}\nThe lists of throw-away, free and role mailboxes could not be fetched from the npm "
      "registry. With no network here: run `npm ci --ignore-scripts` beside a copy of core/verify/lists/package*.json "
      "where there is one, bring that folder, and configure with -DLEADHUB_EMAIL_LISTS=FOLDER.")
  endif()
endif()

foreach(package disposable-email-domains free-email-domains role-based-email-addresses)
  if(NOT EXISTS "${folder}/node_modules/${package}/package.json")
    message(FATAL_ERROR "${folder}/node_modules has no ${package}; run `npm ci --ignore-scripts` there")
  endif()
endforeach()
execute_process(COMMAND "${NODE}" "${SOURCE}/write_tables.mjs" "${folder}" "${OUTPUT}" COMMAND_ERROR_IS_FATAL ANY)
