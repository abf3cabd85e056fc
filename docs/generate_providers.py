#!/usr/bin/env python3
"""Writes docs/providers.md from the lists of providers of the plugins, their schemas (with what stands under
"x-guide" there) and their fixtures.

    python3 docs/generate_providers.py            writes docs/providers.md
    python3 docs/generate_providers.py --check    fails where it is out of date
"""
import json
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
plugins = [root / "plugins/webform", root / "plugins/newsletter", root / "plugins/chat"]
page = root / "docs/providers.md"

introduction = """# Providers of web forms, newsletters and chats

<!-- Written by docs/generate_providers.py. Change the schemas and fixtures of plugins/webform, plugins/newsletter and plugins/chat and run it again. -->

One section a provider: what to write into `hub.yaml`, where to click in the provider's own settings, what to paste there
and how to try it without the provider. The address of a channel is `https://hub.example.com/in/NAME`, with the hub's own
`public_url` in front and the channel's name behind. How answers and messages become a lead, and what is answered to
whom, stands in the READMEs of the plugins: [webform](../plugins/webform/README.md), [newsletter](../plugins/newsletter/README.md), [chat](../plugins/chat/README.md).

Secrets stand in `hub.yaml` as `${env:NAME}` or `${file:PATH}`; the ones below are for trying out. A list of two takes
both, so that one can be changed without losing a lead. The tests run the commands below; they need `curl` and `openssl` alone, and a hub that
listens on port 8080. The sample of Jotform is [zulip's](../plugins/webform/fixtures/README.md) (Apache-2.0), those of mail
services are after [django-anymail's](../plugins/newsletter/fixtures/README.md) (BSD-3-Clause).
"""


def providers():
    """Their names, in the order of the lists."""
    for plugin in plugins:
        for line in (plugin / "providers/list.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                yield line


def home_of(name):
    """The folder of its plugin; no two of them have a provider of one name."""
    return next(plugin for plugin in plugins if (plugin / f"providers/{name}.schema.json").exists())


def schema_of(name):
    return json.loads((home_of(name) / f"providers/{name}.schema.json").read_text())


def sample_of(name):
    """The fixture to show: the one that the guide names, else the first that is accepted."""
    named = schema_of(name).get("x-guide", {}).get("sample")
    folder = home_of(name) / "fixtures"
    files = [folder / f"{named}.json"] if named else sorted(folder.glob(f"{name}_*.json"))
    fixtures = [json.loads(file.read_text()) for file in files]
    return next(fixture for fixture in fixtures if fixture["verdict"] == "accept")


def definitions_of(name):
    return json.loads((home_of(name) / "config_schema.json").read_text())["definitions"]


def resolved(node, definitions):
    name = node.get("$ref", "").rpartition("/")[2]
    return {**definitions[name], **{k: v for k, v in node.items() if k != "$ref"}} if name else node


def option_table(schema, definitions):
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for key, node in schema["properties"].items():
        if key == "provider":
            continue
        node = resolved(node, definitions)
        default = f"`{json.dumps(node['default'])}`" if "default" in node else ("*required*" if key in schema["required"] else "")
        lines.append(f"| `{key}` | {default} | {markdown(node.get('description', ''))} |")
    return "\n".join(lines)


def readable(value, level=0):
    """JSON with what is short on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(line) + 2 * level <= 110:
        return line
    inner = "  " * (level + 1)
    if isinstance(value, dict):
        members = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {readable(one, level + 1)}" for key, one in value.items()]
    else:
        members = [inner + readable(one, level + 1) for one in value]
    brackets = "{}" if isinstance(value, dict) else "[]"
    return brackets[0] + "\n" + ",\n".join(members) + "\n" + "  " * level + brackets[1]


def markdown(text):
    """Text of a schema: angle brackets are no HTML, outside of code."""
    return re.sub(r"`[^`]*`|[<>]", lambda found: {"<": "&lt;", ">": "&gt;"}.get(found[0], found[0]), text)


def secret_of(config):
    return config.get("secret", config.get("key", ""))


def channel(name, config):
    lines = ["channels:", f"  {name}:", f"    plugin: {home_of(name).name}", "    config:"]
    for key, value in config.items():
        text = value if isinstance(value, str) and value.replace("_", "").isalnum() else json.dumps(value, ensure_ascii=False)
        if key in ("secret", "key", "verify_token", "access_token"):
            variable = "SECRET" if key == "key" else key.upper()
            text = '"${env:' + f"{name.upper()}_{variable}:-{value}" + '}"'
        lines.append(f"      {key}: {text}")
    return "\n".join(lines)


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def parts_of(body, boundary):
    """The fields of a multipart body, for curl's --form-string."""
    found = re.findall(r'name="([^"]*)"\r\n\r\n(.*?)\r\n--' + re.escape(boundary), body, re.S)
    return [(name, value) for name, value in found if value]


def command(name, fixture):
    """A shell script that posts the sample, signed anew where that is needed."""
    guide = schema_of(name).get("x-guide", {})
    request = fixture["request"]
    lines = []
    if ("headers" in guide or "after" in guide) and secret_of(fixture["config"]):
        lines.append("SECRET=" + quoted(secret_of(fixture["config"])))
    lines += guide.get("before", [])
    content_type = request["headers"]["content-type"]
    address = f"http://localhost:8080/in/{name}" + ("?" + request["query"] if request["query"] else "")
    if content_type.startswith("multipart/"):
        data = [f"--form-string {quoted(f'{field}={value}')}" for field, value in parts_of(request["body"], content_type.partition("boundary=")[2])]
        headers = []
    else:
        is_json = request["body"][0] in "{["
        lines += ["cat >sample <<'END'", readable(json.loads(request["body"])) if is_json else request["body"], "END"]
        data = ["--data-binary @sample"]
        if content_type == "application/x-www-form-urlencoded":  # a line end would be part of the last value
            lines += ["printf %s \"$(cat sample)\" >form && mv form sample"]
        lines += guide.get("after", [])
        headers = ["Content-Type: " + content_type]
    made = {header.partition(":")[0].lower() for header in guide.get("headers", [])} | {"content-type"}
    headers += [f"{name}: {value}" for name, value in request["headers"].items() if name not in made]
    arguments = [f"-H {quoted(header)}" for header in headers] + [f'-H "{header}"' for header in guide.get("headers", [])]
    lines.append("curl -i " + " \\\n  ".join([quoted(address), *arguments, *data]))
    return "\n".join(lines)


def why_untried(name):
    """Why its section has no command to run: a request may need what only somebody else can sign. None: it has one."""
    return schema_of(name)["x-guide"].get("untried")


def guide_lines(guide):
    return f"- **Where to click:** {guide['settings']}\n- **What to paste:** {guide['paste']}\n- **How to test there:** {guide['test']}"


def section(name):
    schema = schema_of(name)
    text = [f"## {schema['title']}", markdown(schema["description"])]
    guide = schema["x-guide"]
    if why_untried(name):
        text += [
            f"```yaml\n{channel(name, {'provider': name, **guide.get('config', {})})}\n```",
            guide_lines(guide),
            f"There is no command to try it with: {why_untried(name)}.",
            option_table(schema, definitions_of(name)),
        ]
        return "\n\n".join(text)
    fixture = sample_of(name)
    events = "\n".join(map(readable, fixture["events"]))
    text += [
        f"```yaml\n{channel(name, fixture['config'])}\n```",
        guide_lines(guide),
        f"To try it here (answered with {fixture['status']}):",
        f"```sh\n{command(name, fixture)}\n```",
        f"What becomes of it:\n\n```json\n{events}\n```",
        option_table(schema, definitions_of(name)),
    ]
    return "\n\n".join(text)


def main():
    all_providers = list(providers())
    contents = "\n".join(f"- [{schema_of(name)['title']}](#{re.sub('[^a-z0-9 -]', '', schema_of(name)['title'].lower()).replace(' ', '-')})" for name in all_providers)
    after = "\n".join([introduction, contents, "", "\n\n".join(map(section, all_providers)), ""])
    if "--check" in sys.argv:
        before = page.read_text() if page.exists() else ""
        sys.exit(0 if before == after else "docs/providers.md is out of date; run python3 docs/generate_providers.py")
    page.write_text(after)


if __name__ == "__main__":
    main()
