// node write_tables.mjs FOLDER OUTPUT: writes the lists of the packages in FOLDER/node_modules as C++.
//
// Each list becomes one text of sorted lines, which the program searches where it lies: nothing is parsed at a start,
// nothing is relocated, and only the pages that a search touches are ever in memory.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { domainToASCII } from "node:url";

const [folder, output] = process.argv.slice(2);
const modules = resolve(folder, "node_modules");
const require = createRequire(join(modules, "any.js"));

const disposable = [...require("disposable-email-domains/index.json"), ...require("disposable-email-domains/wildcard.json")];
const free = require("free-email-domains");
const role = [...require("role-based-email-addresses")];

const asDomain = (entry) => domainToASCII(entry.trim().toLowerCase());
const asName = (entry) => entry.trim().toLowerCase();
const sorted = (entries) =>
  [...new Set(entries)].filter((entry) => /^[\x21-\x7e]+$/.test(entry)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const topLevels = (domains) => domains.map((domain) => domain.slice(domain.lastIndexOf(".") + 1));

const lists = { disposable: sorted(disposable.map(asDomain)), free: sorted(free.map(asDomain)), role: sorted(role.map(asName)) };
lists.top_levels = sorted(topLevels([...lists.disposable, ...lists.free]));

const literal = (text) => `"${text.replace(/[\\"?]/g, "\\$&").replace(/\n/g, "\\n")}"`;
const chunk = 100;
const definition = ([name, entries]) => {
  const lines = [];
  for (let i = 0; i < entries.length; i += chunk) lines.push("  " + literal(entries.slice(i, i + chunk).join("\n") + "\n"));
  return `constexpr char ${name}_text[] =\n${lines.join("\n")};\nconst std::string_view ${name}{${name}_text, sizeof ${name}_text - 1};\n`;
};
const version = ["disposable-email-domains", "free-email-domains", "role-based-email-addresses"]
  .map((name) => `${name} ${JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version}`)
  .join(", ");

writeFileSync(
  output,
  `// Made by core/verify/lists/write_tables.mjs.
#include "verify/built_in_lists.hpp"

namespace leadhub::verify::built_in {

const std::string_view version = ${literal(version)};
${Object.entries(lists).map(definition).join("\n")}
}  // namespace leadhub::verify::built_in
`,
);
