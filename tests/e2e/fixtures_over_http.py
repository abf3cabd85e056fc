#!/usr/bin/env python3
"""fixtures_over_http.py LEADHUB PLUGINS SHIM: every fixture of the capturing plugins, through the real server.

Starts one hub with a channel for each fixture, at the moment at which the fixtures were signed, sends each request, and
compares the answer and what the inbox then holds with what the fixture says, and sends again what has keys, which must
change nothing. Prints a table by provider; what cannot be
sent like that is named with its reason. Exit 0 when everything was as it should be.
"""
import collections
import http.client
import json
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import provider_hub  # noqa: E402

root = pathlib.Path(__file__).resolve().parents[2]
noon = 1767614400  # 2026-01-05T12:00:00Z, the "now" of every fixture


class Fixture:
    def __init__(self, number, file):
        self.plugin, self.name = file.parents[1].name, f"fixture-{number}"
        self.file, self.document = file.stem, json.loads(file.read_text())
        self.provider = self.document["config"]["provider"]
        self.follow_up = self.document.get("follow_up", {})

    def reason_to_leave_out(self):
        schema = root / "plugins" / self.plugin / "providers" / f"{self.provider}.schema.json"
        if self.follow_up and "api" not in json.loads(schema.read_text())["properties"]:
            return "what it fetches comes from an origin that cannot be moved"
        if self.provider == "web" and "authorization" in self.document["request"]["headers"] and self.document["status"] != 401:
            return "its token is signed with the key of another host"
        return None

    def channel(self, service):
        return {"plugin": self.plugin, "config": provider_hub.config_with_service(self.document, service)}

    def send(self, port):
        request = self.document["request"]
        head, _, old = request["path"].rpartition("/")
        path = f"{head}/{self.name}" + (".js" if old.endswith(".js") else "")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.putrequest(request["method"], path + ("?" + request["query"] if request["query"] else ""),
                              skip_host="host" in request["headers"], skip_accept_encoding=True)
        body = request["body"].encode()
        for name, value in {"x-forwarded-for": request["client_address"], **request["headers"]}.items():
            connection.putheader(name, value.encode())
        if request["method"] not in ("GET", "HEAD", "OPTIONS") or body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return connection.getresponse().status

    def has_keys(self):
        """Whether a repetition can be known as one."""
        events = self.document["events"] + self.follow_up.get("events", [])
        return self.document["verdict"] == "accept" and all("key" in event for event in events)

    def is_right(self, events):
        own_name = self.document["request"]["path"].rpartition("/")[2].removesuffix(".js")
        events = json.loads(json.dumps(events).replace(self.name, own_name))  # addresses of pages name the channel
        expected = self.document["events"] + self.follow_up.get("events", [])
        if self.document["verdict"] in ("answer", "refuse"):
            expected = []
        return [comparable(event, like) for event, like in zip(events, expected)] == expected and len(events) == len(expected)


def comparable(event, like):
    """Without the key that the host makes up where the provider gave none."""
    return {name: value for name, value in event.items() if name != "key" or "key" in like}


class Hub(provider_hub.Hub):
    def __init__(self, program, plugins, shim, folder, fixtures):
        origin = provider_hub.serve()
        super().__init__(program, plugins, folder, {fixture.name: fixture.channel(origin) for fixture in fixtures}, origin,
                         edge={"trusted_proxies": ["127.0.0.1"]},
                         environment={"LD_PRELOAD": str(shim), "LEADHUB_TEST_TIME": str(noon)})

    def events(self):
        """What the inbox holds, by channel, once nothing is to be followed up any more."""
        found = collections.defaultdict(list)
        for _ in range(100):
            entries, cursor = [], []
            while True:
                page = self.ask("inbox", "list", "--limit", "500", *cursor)
                entries += page["items"]
                if page["next"] is None:
                    break
                cursor = ["--cursor", str(page["next"])]
            shown = [self.ask("inbox", "show", str(entry["seq"])) for entry in entries]
            if not any(entry.get("follow_up", {}).get("state") == "waiting" for entry in shown):
                break
            time.sleep(0.1)
        for entry in sorted(shown, key=lambda one: one["seq"]):
            found[entry["channel"]] += entry["events"]
        return found


def main():
    program, plugins, shim = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    files = sorted(file for plugin in ("webform", "newsletter", "chat") for file in (root / "plugins" / plugin / "fixtures").glob("*.json"))
    fixtures = [Fixture(number, file) for number, file in enumerate(files)]
    left_out = [fixture for fixture in fixtures if fixture.reason_to_leave_out()]
    fixtures = [fixture for fixture in fixtures if not fixture.reason_to_leave_out()]
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(program, plugins, shim, pathlib.Path(folder), fixtures)
        try:
            statuses = {fixture.name: fixture.send(hub.port) for fixture in fixtures}
            events = hub.events()
            repeated = {fixture.name: fixture.send(hub.port) for fixture in fixtures if fixture.has_keys()}
            events_after = hub.events()
        finally:
            hub.stop()
    table, failures = collections.Counter(), []
    for fixture in fixtures:
        good_status = statuses[fixture.name] == fixture.document["status"]
        good_events = fixture.is_right(events[fixture.name])
        is_ignored = not fixture.has_keys() or (
            repeated[fixture.name] == statuses[fixture.name] and events_after[fixture.name] == events[fixture.name])
        table[fixture.provider, "good" if good_status and good_events and is_ignored else "bad"] += 1
        if not good_status:
            failures.append(f"{fixture.file}: status {statuses[fixture.name]}, not {fixture.document['status']}")
        if not good_events:
            failures.append(f"{fixture.file}: the inbox holds {json.dumps(events[fixture.name])}")
        if not is_ignored:
            failures.append(f"{fixture.file}: a repetition was answered with {repeated[fixture.name]}, or brought something new")
    print(f"{'provider':18}{'good':>6}{'bad':>6}")
    for provider in sorted({fixture.provider for fixture in fixtures}):
        print(f"{provider:18}{table[provider, 'good']:>6}{table[provider, 'bad']:>6}")
    for fixture in left_out:
        print(f"left out: {fixture.file}: {fixture.reason_to_leave_out()}")
    for failure in failures:
        print("WRONG " + failure)
    sys.exit(1 if failures or not fixtures else 0)


main()
