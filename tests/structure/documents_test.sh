#!/usr/bin/env bash
# Does documents.sh see what it should?
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf -- "$tree"' EXIT
cd "$tree"
git init --quiet .

fail() {
  echo "FAILED: $1"
  exit 1
}

mkdir docs
# shellcheck disable=SC2016 # the back quotes are Markdown's
printf '%s\n' '# Here' 'See [there](docs/there.md#part) and [out](https://example.com/x).' \
  '`[no](link.md)`' '```' '[nor](this.md)' '```' >README.md
printf '%s\n' '# There' '[back](../README.md) [part](#part)' >docs/there.md
"$here/documents.sh" . || fail "complains about links that are right"

printf '%s\n' '' '[gone](gone.md) [back](../README.md)' >>docs/there.md
output=$("$here/documents.sh" .) && fail "does not see a broken link"
[[ $output == "docs/there.md:4: the link gone.md leads nowhere" ]] || fail "says of a broken link: $output"

printf '# There\n' >docs/there.md
printf 'path = /%s/ada/leads\n' home >settings.txt
output=$("$here/documents.sh" .) && fail "does not see a home folder"
[[ $output == settings.txt:1:* ]] || fail "says of a home folder: $output"

echo "documents.sh: all cases seen"
