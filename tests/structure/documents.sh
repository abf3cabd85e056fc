#!/usr/bin/env bash
# documents.sh [TREE]: checks that the relative links of the repository's Markdown files lead to files, and that no
# tracked text names somebody's home folder. Prints file:line: what; exit 0 when all is well, else 1.
set -euo pipefail

cd -- "${1:-.}"
breaches=0

files() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard --deduplicate -- "$@"
  else
    find . \( -name .git -o -path ./build \) -prune -o -type f -name "$1" -print | sed 's|^\./||'
  fi
}

# Each link of a Markdown file as line<TAB>target; code blocks and code spans are no links.
links() {
  awk '
    /^ *```/ { code = !code; next }
    code { next }
    {
      gsub(/`[^`]*`/, "")
      while (match($0, /\]\([^()[:space:]]+/)) {
        print NR "\t" substr($0, RSTART + 2, RLENGTH - 2)
        $0 = substr($0, RSTART + RLENGTH)
      }
    }' "$1"
}

complain() {
  echo "$1"
  breaches=$((breaches + 1))
}

while IFS= read -r file; do
  [[ -f $file ]] || continue
  while IFS=$'\t' read -r line target; do
    case $target in
      *://* | mailto:* | '#'* | '{{'*) continue ;; # the last: a field of a mail template
    esac
    [[ -e $(dirname "$file")/${target%%#*} ]] || complain "$file:$line: the link $target leads nowhere"
  done < <(links "$file")
done < <(files '*.md')

# The pattern is written so that it does not find itself.
while IFS= read -r match; do
  complain "${match%%:/*}: names a folder of one machine; write it relative, or as an example that is none"
done < <(files '*' | tr '\n' '\0' | xargs -0 grep -InE '(^|[^A-Za-z0-9_./-])/(home|root|Users)/[A-Za-z0-9._-]' 2>/dev/null |
  sed -E 's|^([^:]*:[0-9]+):.*|\1:/|')

((breaches == 0)) || exit 1
