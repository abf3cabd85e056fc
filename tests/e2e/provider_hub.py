"""A hub with channels of providers, and the providers' own services, for tests that speak HTTP to the real program."""
import http.server
import json
import os
import signal
import socket
import subprocess
import threading
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service(http.server.BaseHTTPRequestHandler):
    """The providers' own services, as the fixtures have them."""
    answers = {}

    def do_GET(self):
        body = json.dumps(self.answers.get(self.path.partition("?")[0], {})).encode()
        self.send_response(200 if body != b"{}" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve():
    """Starts the services; gives their origin."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def config_with_service(fixture, origin):
    """The fixture's configuration, with the service that it needs at that origin."""
    config = dict(fixture["config"])
    follow_up = fixture.get("follow_up", {})
    for answer in follow_up.get("service", []):
        config["api"] = origin + follow_up["base"]
        Service.answers[answer["path"]] = answer["body"]
    return config


class Hub:
    def __init__(self, program, plugins, folder, channels, origin, edge=None, environment=None):
        """Starts `leadhub serve` in the folder and waits until it listens. `channels`: as in hub.yaml. `origin`: of the
        services, which plugins may reach. `edge` and `environment`: more of either."""
        self.program, self.folder = program, folder
        self.port, control = free_port(), free_port()
        config = {
            "workspace": "providers", "public_url": "http://localhost:8080",
            "edge": {"listen": f"127.0.0.1:{self.port}", **(edge or {})}, "control": {"listen": f"127.0.0.1:{control}"},
            "store": {"url": "sqlite:data/leadhub.db"}, "plugins": {"search": [str(plugins)], "egress": [origin]},
            "channels": channels,
        }
        (folder / "hub.yaml").write_text(json.dumps(config, indent=1))  # JSON is YAML
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen([program, "serve", "-c", "hub.yaml"], cwd=folder, stdout=self.log, stderr=self.log,
                                        env={**os.environ, **(environment or {})})
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("the hub did not start:\n" + (folder / "log").read_text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.log.close()

    def ask(self, *words):
        done = subprocess.run([self.program, *words, "-c", "hub.yaml", "--json"], cwd=self.folder, capture_output=True,
                              text=True, check=True)
        return json.loads(done.stdout)
