#!/usr/bin/env bash
# include_rules.sh [TREE]: checks every #include of core/, plugins/ and sdk/ against include_rules.txt.
# Prints one line a breach, file:line: what; the rule; the way out. Exit 0 without a breach, else 1.
set -euo pipefail

rules=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/include_rules.txt
cd -- "${1:-.}"

folders=()
for folder in core plugins sdk; do [[ -d $folder ]] && folders+=("$folder"); done
((${#folders[@]} > 0)) || {
  echo "include_rules.sh: no core/, plugins/ or sdk/ in $PWD" >&2
  exit 2
}

# Three inputs, told apart by their first word: the rules, the names of all files, the includes.
{
  sed -n 's/#.*//; s/^\([a-z_/]*\):\(.*\)$/rule \1 \2/p' "$rules"
  find "${folders[@]}" -type f \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) | sed 's/^/file /'
  grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' "${folders[@]}" \
    --include='*.h' --include='*.hpp' --include='*.c' --include='*.cpp' |
    sed -E 's/^([^:]*):([0-9]+):[^"<]*(["<])([^">]*)[">].*$/include \1 \2 \3 \4/'
} | awk '
  # "a/b/../c" -> "a/c"; what climbs out of the tree keeps its "..", and so is no file of it.
  function normal(path,   parts, kept, n, i, out) {
    n = split(path, parts, "/"); kept = 0
    for (i = 1; i <= n; i++) {
      if (parts[i] == "." || parts[i] == "") continue
      if (parts[i] == ".." && kept > 0 && stack[kept] != "..") kept--
      else stack[++kept] = parts[i]
    }
    out = stack[1]
    for (i = 2; i <= kept; i++) out = out "/" stack[i]
    return out
  }
  function folder_of(path) { sub(/\/[^\/]*$/, "", path); return path }

  # The folder that a rule is about: core/X for core, plugins/X for a plugin, sdk.
  function unit(path,   parts) {
    split(path, parts, "/")
    return parts[1] == "sdk" ? "sdk" : parts[1] "/" parts[2]
  }
  function rule_for(unit_name) { return unit_name ~ /^plugins\// ? "plugins" : unit_name }

  # The file of this tree that an include means, or "" where it means a library of the system. A header that the build
  # makes is no file yet; it counts by its folder.
  function target(from, kind, name,   path, base) {
    if (kind == "\"") {
      for (base = folder_of(from); ; base = folder_of(base)) {
        path = normal(base "/" name)
        if (path in files) return path
        if (base !~ /\//) break
      }
      if (from ~ /^plugins\// && ("plugins/web/" name) in files) return "plugins/web/" name
    }
    if (("core/" name) in files) return "core/" name
    if (("sdk/include/" name) in files) return "sdk/include/" name
    if (("sdk/" name) in files) return "sdk/" name
    path = normal(name)
    if (path in files) return path
    return (folder_of("core/" name) in folders) ? "core/" name : ""
  }

  function allowed(from, to, name,   own, theirs, list, n, i) {
    own = unit(from); theirs = unit(to)
    if (own == theirs) return 1
    n = split(rules[rule_for(own)], list, " ")
    for (i = 1; i <= n; i++) {
      if (list[i] == "*" && to ~ /^core\//) return 1
      if (list[i] == theirs || "core/" list[i] == theirs) return 1
      if ("core/" list[i] == to || "sdk/include/" list[i] == to) return 1
    }
    return 0
  }

  function breach(text) { print text; breaches++ }

  $1 == "rule" { name = $2; $1 = $2 = ""; sub(/^ +/, ""); rules[name] = $0; next }
  $1 == "file" { files[$2] = 1; folders[folder_of($2)] = 1; next }
  {
    from = $2; line = $3; kind = $4; name = $5; own = unit(from)
    if (!(rule_for(own) in rules)) {
      if (!(own in unruled)) breach(from ":" line ": folder " own " has no rule; give it a line in tests/structure/include_rules.txt")
      unruled[own] = 1
      next
    }
    to = target(from, kind, name)
    if (to == "" && kind == "\"") {
      breach(from ":" line ": \"" name "\" is no file of this tree; a library of the system is included with <>")
    } else if (to == "" && name ~ /^leadhub\//) {
      breach(from ":" line ": <" name "> is no header of sdk/include")
    } else if (to != "" && !allowed(from, to, name)) {
      may = rules[rule_for(own)]
      breach(from ":" line ": includes " to "; " own " may include " (may == "" ? "only itself" : "itself and: " may) " (tests/structure/include_rules.txt)")
    }
  }
  END {
    if (breaches) { printf "%d includes break the rules\n", breaches; exit 1 }
  }'
