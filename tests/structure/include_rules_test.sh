#!/usr/bin/env bash
# Does include_rules.sh see what it should? Builds small trees, each with one breach, and asks it.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf -- "$tree"' EXIT
failures=0

# put FILE LINE...: a file of the tree.
put() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "${@:2}" >"$tree/$1"
}

good_tree() {
  rm -rf -- "${tree:?}"/*
  put sdk/include/leadhub/abi.h '#include <stdint.h>'
  put sdk/include/leadhub/sdk/channel.hpp '#include <leadhub/abi.h>'
  put sdk/testing/include/leadhub/sdk/testing/fake_host.hpp '#include <leadhub/sdk/channel.hpp>'
  put core/ops/clock.hpp '#include <chrono>'
  put core/lead/event.hpp '#include "ops/clock.hpp"'
  put core/store/database.hpp '#include "lead/event.hpp"' '#include <soci/soci.h>'
  put core/capture/http.hpp '#include "ops/clock.hpp"'
  put core/capture/channel_port.hpp '#include "capture/http.hpp"'
  put core/capture/inbox.hpp '#include "http.hpp"' '#include "store/database.hpp"'
  put core/identify/matcher.hpp '#include "lead/event.hpp"'
  put core/plugin/module.cpp '#include <leadhub/abi.h>' '#include "capture/channel_port.hpp"'
  put core/pipeline/pipeline.cpp '#include "identify/matcher.hpp"' '#include "capture/inbox.hpp"'
  put plugins/webform/form.hpp '#include <leadhub/sdk/channel.hpp>'
  put plugins/web/gate.hpp '#include <leadhub/sdk/channel.hpp>'
  put plugins/webform/providers/html.cpp '#include "gate.hpp"'
  put plugins/webform/tests/form_test.cpp '#include "form.hpp"' '#include "../form.hpp"' '#include <gtest/gtest.h>'
}

expect_good() {
  local output
  if ! output=$("$here/include_rules.sh" "$tree"); then
    echo "FAILED: $1: the checker complains: $output"
    failures=$((failures + 1))
  fi
}

# expect_breach NAME FILE:LINE TEXT: exactly one breach, there, whose line holds the text.
expect_breach() {
  local output
  if output=$("$here/include_rules.sh" "$tree"); then
    echo "FAILED: $1: the checker sees nothing"
    failures=$((failures + 1))
  elif [[ $(head -n 1 <<<"$output") != "$2: "*"$3"* || $(tail -n 1 <<<"$output") != "1 includes"* ]]; then
    echo "FAILED: $1: expected one line '$2: ...$3...', but got: $output"
    failures=$((failures + 1))
  fi
}

good_tree
expect_good "a tree that keeps the rules"

good_tree
put core/store/database.hpp '#include "store/generated_schema.hpp"'
expect_good "a header that the build makes"

good_tree
put core/ops/clock.hpp '#include "store/generated_schema.hpp"'
expect_breach "another folder's header that the build makes" core/ops/clock.hpp:1 "includes core/store/generated_schema.hpp"

good_tree
put core/identify/matcher.hpp '#include <string>' '#include "capture/inbox.hpp"'
expect_breach "a stage includes a stage" core/identify/matcher.hpp:2 "includes core/capture/inbox.hpp"

good_tree
put core/identify/matcher.hpp '#include "../capture/inbox.hpp"'
expect_breach "a stage includes a stage by a relative path" core/identify/matcher.hpp:1 "includes core/capture/inbox.hpp"

good_tree
put core/capture/inbox.hpp '#include "pipeline/pipeline.hpp"'
put core/pipeline/pipeline.hpp '#include <string>'
expect_breach "a stage includes the pipeline" core/capture/inbox.hpp:1 "may include itself and: ops lead store"

good_tree
put core/lead/event.hpp '#include "store/database.hpp"'
expect_breach "the model includes the store" core/lead/event.hpp:1 "includes core/store/database.hpp"

good_tree
put core/ops/clock.hpp '  #  include "lead/event.hpp"'
expect_breach "the basics include the model" core/ops/clock.hpp:1 "may include only itself"

good_tree
put core/plugin/module.cpp '#include "capture/inbox.hpp"'
expect_breach "the plugin host looks into capture" core/plugin/module.cpp:1 "includes core/capture/inbox.hpp"

good_tree
put core/plugin/module.cpp '#include <leadhub/sdk/channel.hpp>'
expect_breach "core includes the wrapper" core/plugin/module.cpp:1 "includes sdk/include/leadhub/sdk/channel.hpp"

good_tree
put core/capture/inbox.hpp '#include <leadhub/abi.h>'
expect_breach "a stage includes the ABI" core/capture/inbox.hpp:1 "includes sdk/include/leadhub/abi.h"

good_tree
put plugins/webform/form.hpp '#include <ops/clock.hpp>'
expect_breach "a plugin includes core" plugins/webform/form.hpp:1 "includes core/ops/clock.hpp"

good_tree
put plugins/webform/form.hpp '#include "../../core/ops/clock.hpp"'
expect_breach "a plugin includes core by a relative path" plugins/webform/form.hpp:1 "includes core/ops/clock.hpp"

good_tree
put plugins/chat/chat.cpp '#include "../webform/form.hpp"'
expect_breach "a plugin includes a plugin" plugins/chat/chat.cpp:1 "includes plugins/webform/form.hpp"

good_tree
put plugins/web/gate.hpp '#include "../webform/form.hpp"'
expect_breach "what plugins share includes a plugin" plugins/web/gate.hpp:1 "includes plugins/webform/form.hpp"

good_tree
put core/capture/inbox.hpp '#include "gate.hpp"'
expect_breach "core includes what plugins share" core/capture/inbox.hpp:1 "is no file of this tree"

good_tree
put sdk/include/leadhub/sdk/channel.hpp '#include "../../../../core/ops/clock.hpp"'
expect_breach "the SDK includes core" sdk/include/leadhub/sdk/channel.hpp:1 "includes core/ops/clock.hpp"

good_tree
put core/novelty/thing.cpp '#include <string>'
expect_breach "a folder without a rule" core/novelty/thing.cpp:1 "has no rule"

good_tree
put core/lead/event.hpp '#include "no/such.hpp"'
expect_breach "a quoted include of nothing" core/lead/event.hpp:1 "is no file of this tree"

((failures == 0)) || exit 1
echo "include_rules.sh: all cases seen"
