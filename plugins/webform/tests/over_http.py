#!/usr/bin/env python3
"""over_http.py LEADHUB PLUGINS: what docs/providers.md tells people to run, run against the real program.

Starts a hub with one channel of each provider, runs each section's commands, and prints a table: sample accepted, events
right, bad signature refused, duplicate ignored. Exit 0 when every cell is good or has nothing to say ("-": the provider
has no secret, or no id of its own).
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

root = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(root / "docs"), str(root / "tests" / "e2e")]
sys.dont_write_bytecode = True
import generate_providers as docs  # noqa: E402
import provider_hub  # noqa: E402

has_no_id = {"html", "elementor", "hubspot_forms", "native"}  # a repeated request is another form


class Hub(provider_hub.Hub):
    def __init__(self, program, plugins, folder):
        names = [name for name in docs.providers() if not docs.why_untried(name)]
        self.samples = {name: docs.sample_of(name) for name in names}
        origin = provider_hub.serve()
        for sample in self.samples.values():
            sample["config"] = provider_hub.config_with_service(sample, origin)
        channels = {name: {"plugin": docs.home_of(name).name, "config": sample["config"]} for name, sample in self.samples.items()}
        super().__init__(program, plugins, folder, channels, origin)

    def run(self, name):
        """The status that the commands of the provider's section got."""
        script = docs.command(name, self.samples[name]).replace("localhost:8080", f"127.0.0.1:{self.port}")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, capture_output=True, text=True)
        statuses = re.findall(r"^HTTP/1\.1 (\d+)", done.stdout, re.M)
        return int(statuses[-1]) if statuses else 0

    def send(self, name, fixture):
        """The status of a fixture's request as it stands, sent to that channel."""
        request = fixture["request"]
        address = f"http://127.0.0.1:{self.port}/in/{name}" + ("?" + request["query"] if request["query"] else "")
        made = urllib.request.Request(address, request["body"].encode(), request["headers"], method=request["method"])
        try:
            return urllib.request.urlopen(made).status
        except urllib.error.HTTPError as error:
            return error.code

    def events(self, name):
        """What the inbox holds of the channel, oldest first, once nothing is to be followed up any more."""
        for _ in range(100):
            entries = self.ask("inbox", "list", "--channel", name)["items"]
            if not any("follow_up" in self.ask("inbox", "show", str(entry["seq"])) for entry in entries):
                break
            time.sleep(0.05)
        found = []
        for entry in sorted(self.ask("inbox", "list", "--channel", name)["items"], key=lambda one: one["seq"]):
            found += self.ask("inbox", "show", str(entry["seq"]))["events"]
        return found


def comparable(event, name):
    """Without what differs by the way it was sent: address and program, and the key that the hub made up."""
    event = json.loads(json.dumps(event))
    for consent in event.get("consent", []):
        consent.pop("ip", None)
        consent.pop("user_agent", None)
    if name in has_no_id:
        event.pop("key", None)
    return event


def refused_sample(name):
    for file in sorted((docs.home_of(name) / "fixtures").glob(f"{name}_*.json")):
        fixture = json.loads(file.read_text())
        if fixture["verdict"] == "refuse" and fixture["status"] == 401:
            return fixture
    return None


def row(hub, name):
    sample = hub.samples[name]
    accepted = hub.run(name) == sample["status"]
    events = hub.events(name)
    expected = sample["events"] + sample.get("follow_up", {}).get("events", [])
    own = "http://localhost:8080"  # where a consent was given, unless the sender says where
    expected = json.loads(json.dumps(expected).replace(own + sample["request"]["path"], f"{own}/in/{name}"))
    right = [comparable(one, name) for one in events] == [comparable(one, name) for one in expected]
    refused = refused_sample(name)
    has_secret = not {"secret", "key", "public_key"}.isdisjoint(sample["config"])
    is_refused = hub.send(name, refused) == 401 if has_secret else "-"
    ignored = "-"
    if name not in has_no_id:
        ignored = hub.run(name) == sample["status"] and len(hub.events(name)) == len(events)
    return accepted, right, is_refused, ignored


def main():
    program, plugins = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(program, plugins, pathlib.Path(folder))
        try:
            table = {name: row(hub, name) for name in hub.samples}
        finally:
            hub.stop()
    print(f"{'provider':16}{'accepted':>10}{'events':>10}{'refused':>10}{'ignored':>10}")
    for name, cells in table.items():
        print(f"{name:16}" + "".join(f"{cell if cell == '-' else 'yes' if cell else 'NO':>10}" for cell in cells))
    for name in docs.providers():
        if why := docs.why_untried(name):
            print(f"{name:16}  left out: {why}")
    sys.exit(0 if all(cell == "-" or cell for cells in table.values() for cell in cells) else 1)


main()
