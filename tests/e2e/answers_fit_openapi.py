#!/usr/bin/env python3
"""Real answers against docs/openapi.json: the demonstration is served, every route whose answer has a schema is asked,
and answers and refusals must fit. The schemas are closed, so a member that the document does not name is a fault too.

usage: answers_fit_openapi.py NAVKEEPER SOURCE_DIRECTORY
"""
import copy
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

try:
    import jsonschema
except ImportError:
    sys.exit("jsonschema is missing: apt-get install python3-jsonschema")

SERVICES = ("pricing", "custody", "staking", "nav")
READY_SECONDS_MAX = 60
DAYS = ["2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-11"]
# What stands for a parameter of a path; each of them is tried.
SAMPLES = {
    "index": ["NK_BTCUSD_NY", "NK_CROUSD_NY_VWAP"],
    "asset": ["BTC", "ETH", "CRO", "CDCETH"],
    "fund": ["BTCETH", "CROYIELD"],
    "date": DAYS,
}
# What a route needs beside its path; a route that is not here is asked without.
QUERIES = {
    "/v1/rates/{index}": [{}, {"limit": "2"}],
    "/v1/prices/{asset}/{date}": [{"act": "ICA_1940", "basis": "fair_value"}, {"act": "ETP_1933", "basis": "index"}],
    "/v1/funds/{fund}/navs": [{}, {"adjusted": "true"}],
    "/v1/funds/{fund}/holdings": [{}, {"basis": "settled", "as_of": "2026-03-10"}, {"known_at": "2030-01-01T00:00:00Z"}],
    "/v1/funds/{fund}/rollforward": [{"from": "2026-03-05", "to": "2026-03-11"},
                                     {"from": "2026-03-06", "to": "2026-03-11", "book": "tax"}],
    "/v1/custody/funds/{fund}/reconciliations/{date}": [{}, {"limit": "1"}],
}
# Each must be refused with a problem document.
REFUSED = [("/v1/funds/NOPE/navs", 404), ("/v1/funds/BTCETH/navs/yesterday", 400), ("/v1/rates/NOPE/2026-03-11", 404),
           ("/v1/custody/funds/BTCETH/breaks?status=what", 400), ("/v1/staking/funds/BTCETH/positions?no=such", 400)]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Served:
    """The demonstration's home, made and served until the end of the block."""

    def __init__(self, executable, source, folder):
        self.executable, self.folder = executable, pathlib.Path(folder)
        self.folder.chmod(0o755)  # the database's own user goes through it
        self.home = self.folder / "home"
        self.environment = dict(os.environ, NAVKEEPER_HOME=str(self.home), NAVKEEPER_CONFIG_DIR=str(source / "config"))
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES))))
        self.process = None

    def run(self, *words):
        return subprocess.run([self.executable, *words], env=self.environment, capture_output=True, text=True, check=False)

    def __enter__(self):
        made = self.run("demo")
        if made.returncode != 0:
            sys.exit("navkeeper demo: " + made.stderr)
        config = self.folder / "navkeeper.toml"
        config.write_text(f'[actors]\nfile = "{self.home}/actors.toml"\n' +
                          "".join(f"[services.{name}]\nport = {port}\n" for name, port in self.ports.items()))
        log = self.folder / "log"
        self.process = subprocess.Popen([self.executable, "--config", str(config), "serve"], env=self.environment,
                                        stdout=log.open("w"), stderr=subprocess.STDOUT)
        until = time.monotonic() + READY_SECONDS_MAX
        while '"ready"' not in log.read_text():
            if time.monotonic() > until or self.process.poll() is not None:
                sys.exit("serve did not become ready:\n" + log.read_text())
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        self.run("db", "stop")

    def get(self, path):
        parts = path.split("/")
        service = parts[2] if parts[2] in ("custody", "staking") else "nav" if parts[2] == "funds" else "pricing"
        token = (self.home / "tokens" / "auditor").read_text().strip()
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[service]}{path}",
                                         headers={"Authorization": "Bearer " + token})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)


class Document:
    def __init__(self, path):
        self.content = json.loads(path.read_text())
        self.checked = {}

    def described(self):
        """Path and schema of each GET whose answer has a schema of its own."""
        for path, operations in self.content["paths"].items():
            schema = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get(
                "application/json", {}).get("schema", {})
            if "$ref" in schema:
                yield path, schema["$ref"]

    def faults(self, reference, value):
        if reference not in self.checked:
            schema = {"$ref": reference, "components": self.content["components"]}
            jsonschema.Draft202012Validator.check_schema(schema)
            self.checked[reference] = jsonschema.Draft202012Validator(schema)
        return [f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"
                for error in self.checked[reference].iter_errors(value)]


def paths_of(template, served):
    """The template with every sample in place of its parameters."""
    paths = [template]
    samples = dict(SAMPLES)
    if template.endswith("/orders/{id}"):
        samples["id"] = ["order-1"]
    if template.endswith("/breaks/{id}"):
        samples["id"] = [one["id"] for fund in SAMPLES["fund"]
                         for one in served.get(f"/v1/custody/funds/{fund}/breaks")[1]["breaks"]]
    for name, values in samples.items():
        paths = [path.replace("{" + name + "}", value) for path in paths for value in values] \
            if "{" + name + "}" in template else paths
    return paths


def main():
    executable, source = sys.argv[1], pathlib.Path(sys.argv[2])
    document = Document(source / "docs" / "openapi.json")
    problem = "#/components/schemas/Problem"
    faults, asked = [], 0
    with tempfile.TemporaryDirectory() as folder, Served(executable, source, folder) as served:
        for template, reference in document.described():
            fitting = None
            for path in paths_of(template, served):
                for query in QUERIES.get(template, [{}]):
                    asking = path + ("?" + urllib.parse.urlencode(query) if query else "")
                    status, answer = served.get(asking)
                    asked += 1
                    found = document.faults(reference if status == 200 else problem, answer)
                    faults += [f"GET {asking} ({status}): {fault}" for fault in found]
                    if status == 200 and not found:
                        fitting = answer
            if fitting is None:
                faults.append(f"GET {template}: no answer with 200 that fits")
                continue
            strange = copy.deepcopy(fitting)
            strange["a_member_that_is_not_there"] = 1
            if not document.faults(reference, strange):
                faults.append(f"GET {template}: its schema takes anything")
        for path, expected in REFUSED:
            status, answer = served.get(path)
            if status != expected:
                faults.append(f"GET {path}: {status} instead of {expected}")
            faults += [f"GET {path}: {fault}" for fault in document.faults(problem, answer)]
    for fault in faults:
        print(fault)
    print(f"{asked} answers, {len(faults)} faults")
    return 1 if faults or asked < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
