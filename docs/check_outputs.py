#!/usr/bin/env python3
"""Runs what some pages of docs/ show, and compares what comes out. Times and ids are not compared.

    python3 docs/check_outputs.py LEADHUB            fails where an output is another one
    python3 docs/check_outputs.py LEADHUB --write    writes the outputs into the page

Comments of a page say what to do: `file: NAME` writes the next block, `run: leadhub ...` has the next block as its
output, `serve: FILE` starts a hub that runs until the end, `post: CHANNEL FORM` posts to it, `edit: FROM TO OLD => NEW`
writes FROM as TO with one thing changed.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.request

pages = [pathlib.Path(__file__).resolve().parent / name for name in ("testing.md", "reports.md", "funnel.md", "journeys.md", "mails.md")]
step = re.compile(r"<!-- (file|run|serve|post|edit): (.*?) -->\n(?:(```\w*\n)(.*?)(```\n))?", re.DOTALL)


class Session:
    def __init__(self, program, folder):
        self.program = str(pathlib.Path(program).resolve())
        self.folder = pathlib.Path(folder)
        self.environment = {**os.environ, "XDG_STATE_HOME": folder}
        self.environment.pop("LEADHUB_URL", None)
        self.hub = None
        self.port = None
        self.control = None

    def settle(self):
        """Waits until the hub has made leads of what came in."""
        for _ in range(200):
            metrics = urllib.request.urlopen(f"http://127.0.0.1:{self.control}/metrics", timeout=10).read().decode()
            if re.search(r"^leadhub_pipeline_backlog 0$", metrics, re.MULTILINE):
                return
            time.sleep(0.05)
        sys.exit("the pipeline has a backlog still")

    def run(self, command):
        if self.hub:
            self.settle()
        arguments = [self.program, *shlex.split(command)[1:]]
        done = subprocess.run(arguments, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
        return done.stdout

    def serve(self, file):
        with open(self.folder / "serve.err", "w") as errors:
            self.hub = subprocess.Popen([self.program, "serve", "-c", file], cwd=self.folder, env=self.environment,
                                        stdout=subprocess.PIPE, stderr=errors, text=True)
        for line in self.hub.stdout:
            if found := re.match(r"\s+edge\s.*:(\d+)$", line):
                self.port = found[1]
            if found := re.match(r"\s+control\s.*:(\d+)$", line):
                self.control = found[1]
            if line.startswith("Ready."):
                return
        sys.exit("the hub did not start: " + (self.folder / "serve.err").read_text())

    def post(self, what):
        channel, _, form = what.partition(" ")
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/in/{channel}", form.encode(), timeout=10).read()

    def edit(self, what):
        source, target, change = what.split(" ", 2)
        old, _, new = change.partition(" => ")
        text = (self.folder / source).read_text()
        if text.count(old) != 1:
            sys.exit(f"{source} does not say {old!r} exactly once")
        (self.folder / target).write_text(text.replace(old, new))

    def stop(self):
        if self.hub:
            self.hub.terminate()
            self.hub.wait(timeout=60)


def comparable(output):
    output = re.sub(r"\d+ ms", "N ms", output)
    output = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", output)
    output = re.sub(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d", "LOCAL", output)
    return re.sub(r"\d{4}-\d\d-\d\d(T[\d:.]+Z| \d\d:\d\d)", "TIME", output)


def renewed(page, program, wrong):
    """The page with the outputs of now; adds those that differ to `wrong`."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session(program, folder)

        def take(match):
            what, argument, opening, block, closing = match.groups()
            if what == "file":
                (session.folder / argument).write_text(block)
            elif what == "run":
                output = session.run(argument)
                if comparable(output) != comparable(block):
                    wrong.append(f"{page.name} shows something else: {argument}\n--- in the page\n{block}--- now\n{output}")
                return f"<!-- run: {argument} -->\n{opening}{output}{closing}"
            else:
                getattr(session, what)(argument)
            return match[0]

        try:
            return step.sub(take, page.read_text())
        finally:
            session.stop()


def main():
    wrong = []
    for page in pages:
        text = renewed(page, sys.argv[1], wrong)
        if "--write" in sys.argv:
            page.write_text(text)
    if wrong and "--write" not in sys.argv:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
