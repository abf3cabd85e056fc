#!/usr/bin/env python3
"""Writes the tables of docs/configuration.md from core/config/schema/hub.schema.json, core/config/condition_paths.cpp
and core/lead/event_types.hpp.

    python3 docs/generate_configuration.py            rewrites docs/configuration.md in place
    python3 docs/generate_configuration.py --check    fails where it is out of date
"""
import json
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
page = root / "docs/configuration.md"
schema = json.loads((root / "core/config/schema/hub.schema.json").read_text())
formats = {
    "leadhub-duration": "duration", "leadhub-rate": "rate", "leadhub-size": "size", "leadhub-listen": "address:port",
    "leadhub-address": "IP address", "leadhub-address-range": "address range", "leadhub-http-url": "web address",
    "leadhub-store-url": "store", "leadhub-time-of-day": "time of day", "leadhub-dates": "days", "leadhub-date": "day", "leadhub-date-time": "point in time",
    "leadhub-time-zone": "time zone", "leadhub-country": "country", "leadhub-regex": "RE2", "leadhub-email": "e-mail address",
}
own_tables = ("condition", "matcher", "steps", "step")


def resolved(node):
    """A node, what it refers to, and the name of that."""
    name = node.get("$ref", "").rpartition("/")[2]
    return ({**schema["definitions"][name], **{k: v for k, v in node.items() if k != "$ref"}}, name) if name else (node, "")


def kind(node):
    node, name = resolved(node)
    if name == "condition":
        return "[condition](#conditions)"
    if name == "matcher":
        return "[matcher](#conditions)"
    if name == "step":
        return "[step](#steps-of-a-journey)"
    if name == "template":
        return "name"
    if "format" in node:
        return formats[node["format"]]
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if node.get("type") == "array":
        return "list of " + kind(node["items"]) if "items" in node else "list"
    if node.get("type") == "object":
        return "mapping"
    if isinstance(node.get("type"), list):
        return " or ".join(node["type"])
    return {"string": "text", "integer": "whole number", "boolean": "true or false", "number": "number"}.get(node.get("type"), "")


def rows(node, path, required=False):
    node, name = resolved(node)
    if path:
        default = json.dumps(node["default"]) if "default" in node else ("*required*" if required else "")
        yield f"| `{path}` | {kind(node if not name else {**node, '$ref': '#/definitions/' + name})} | {'`' + default + '`' if default and default[0] != '*' else default} | {node.get('description', '')} |"
    if name in own_tables:
        return
    inner = f"{path}." if path else ""
    for key, member in node.get("properties", {}).items():
        yield from rows(member, inner + key, key in node.get("required", []))
    if isinstance(node.get("additionalProperties"), dict):
        yield from rows(node["additionalProperties"], inner + "NAME")
    items, items_name = resolved(node.get("items", {}))
    if items.get("type") == "object" and items_name not in own_tables:
        for key, member in items.get("properties", {}).items():
            yield from rows(member, f"{path}[].{key}", key in items.get("required", []))


def key_table(names):
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name in names:
        lines += rows(schema["properties"][name], name, name in schema["required"])
    return "\n".join(lines)


def step_table():
    lines = ["| key | value | meaning |", "|---|---|---|"]
    for key, member in schema["definitions"]["step"]["properties"].items():
        for row in rows(member, key):
            cells = row.split(" | ")
            lines.append(" | ".join(cells[:2] + cells[3:]))
    return "\n".join(lines)


def path_table():
    source = (root / "core/config/condition_paths.cpp").read_text()
    shared = (root / "core/lead/event_types.hpp").read_text()
    lists = {name: re.findall(r'"([^"]+)"', body) for name, body in re.findall(r"std::string_view, \d+> (\w+)\{(.*?)\};", shared + source, re.S)}
    lists["event_types"] = [*lists["shared_event_types"], "x.*"]
    lines = ["| path | type | values | meaning |", "|---|---|---|---|"]
    for path, kind_name, values, meaning in re.findall(r'ConditionPath\{\s*"([^"]+)",\s*(\w+),\s*(\{\}|\w+),\s*"([^"]*)"\}', source):
        shown = ", ".join(f"`{value}`" for value in lists.get(values, []))
        lines.append(f"| `{re.sub(r'[*]$', 'NAME', path)}` | {kind_name} | {shown} | {meaning} |")
    return "\n".join(lines)


def main():
    tables = {"conditions": path_table(), "steps": step_table(), **{name: key_table([name]) for name in schema["properties"]}}
    tables["general"] = key_table(["workspace", "public_url", "time_zone"])
    before = page.read_text()
    after = re.sub(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", lambda m: m[1] + tables[m[2]] + "\n" + m[3], before, flags=re.S)
    if "--check" in sys.argv:
        sys.exit(0 if before == after else "docs/configuration.md is out of date; run python3 docs/generate_configuration.py")
    page.write_text(after)


main()
