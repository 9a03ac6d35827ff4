"""Opens the files of a new workspace in yaml-language-server, as an editor does, and asks it for help.

Usage: editors.py TAIWA NODE_MODULES. Nothing but the first line of a file leads to its schema: no setting is given.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

TAIWA = str(pathlib.Path(sys.argv[1]).resolve())
NODE = pathlib.Path(sys.argv[2]).resolve()


class Server:
    """yaml-language-server over its standard streams."""

    def __init__(self, root):
        program = NODE / "yaml-language-server/bin/yaml-language-server"
        self.process = subprocess.Popen(["node", program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.last, self.notes = 0, []
        abilities = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}, "hover": {}}}
        self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": abilities})
        self.tell("initialized", {})
        settings = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
        self.tell("workspace/didChangeConfiguration", {"settings": {"yaml": settings}})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def read(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":", 1)
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        message = json.loads(self.process.stdout.read(length))
        if "method" in message and "id" in message:  # a question to us
            wanted = message.get("params") or {}
            empty = [None] * len(wanted["items"]) if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": empty})
        return message

    def ask(self, method, params):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.last and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self.notes.append(message)

    def open(self, path, text):
        """What the server says about a file."""
        self.uri = path.as_uri()
        document = {"uri": self.uri, "languageId": "yaml", "version": 1, "text": text}
        self.notes.clear()
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            note = self.read()
            if note.get("method") == "textDocument/publishDiagnostics" and note["params"]["uri"] == self.uri:
                return [it["message"] for it in note["params"]["diagnostics"]]

    def at(self, method, line, character):
        place = {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": character}}
        return self.ask(f"textDocument/{method}", place)


def modeline(kind):
    return f"# yaml-language-server: $schema=../../../.taiwa/schemas/{kind}.json\n"


def check_bad(server, root, kind, text, expect):
    path = root / f"channels/web-store/{kind}s/bad-{abs(hash(text))}.yaml"
    wrong = server.open(path, modeline(kind) + text)
    assert len(wrong) == 1 and expect in wrong[0], (text, wrong)


def check_completion(server, root, kind, text, expect):
    """Proposals at the end of a text."""
    path = root / f"channels/web-store/{kind}s/typed-{abs(hash(text))}.yaml"
    whole = modeline(kind) + text
    server.open(path, whole)
    lines = whole.split("\n")
    proposed = server.at("completion", len(lines) - 1, len(lines[-1]))
    proposed = proposed["items"] if isinstance(proposed, dict) else proposed
    labels = {it["label"] for it in proposed}
    assert expect <= labels, (text, expect - labels, labels)
    return proposed


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "brand"
        subprocess.run([TAIWA, "init", str(root)], check=True, capture_output=True)
        server = Server(root)
        files = [it for it in sorted(root.rglob("*.yaml")) if "/." not in str(it.relative_to(root))]
        for path in files:
            wrong = server.open(path, path.read_text(encoding="utf-8"))
            assert not wrong, (path, wrong)
        print(f"   {len(files)} files are clean in yaml-language-server")

        check_bad(server, root, "offer", "title: A\ntagss: [a]\n", "tagss is not allowed")
        check_bad(server, root, "offer", "title: A\ncap: { shown: 3, per: week }\n", "a length of time such as 12h or 30d")
        check_bad(server, root, "segment", "title: A\n", 'Missing property "when"')
        check_bad(server, root, "offer", "title: A\nvalue: much\n", "Expected \"number\"")
        check_bad(server, root, "offer", "title: A\ntags: [Not Kebab]\n", "write it like web-store")
        check_bad(server, root, "goal", GOAL.replace("higher", "more"), "Valid values: \"higher\", \"lower\"")
        print("   what is wrong is said while it is typed")

        fields = {"title", "valid", "value", "tags", "consent", "eligible", "cap", "treatments"}
        check_completion(server, root, "offer", "", fields | {"new offer"})
        check_completion(server, root, "offer", "title: A\ncap:\n  ", {"shown", "per"})
        check_completion(server, root, "goal", GOAL.replace("higher", ""), {"higher", "lower"})
        check_completion(server, root, "offer", "title: A\ncap:\n  shown: 3\n  per: ", {"7d", "30d"})
        check_completion(server, root, "scenario", SCENARIO, {"start", "offers", "post", "advance"})
        check_completion(server, root, "policy", "title: A\nchannels: [email]\nlimits:\n  - ", {"new entry"})
        snippet = check_completion(server, root, "segment", "", {"new segment"})
        text = next(it["insertText"] for it in snippet if it["label"] == "new segment")
        assert "title: " in text and "when: " in text and "${2:" in text, text
        print("   fields, words, examples and whole records are proposed")

        server.open(root / "channels/web-store/offers/hover.yaml", modeline("offer") + "title: A\ncap: { shown: 3, per: 7d }\n")
        said = json.dumps(server.at("hover", 2, 1))
        assert "How often one person may see it, over all channels." in said, said
        print("   a field says what it means")
        server.process.kill()
        server.process.wait()
        check_schemas(root, files)


def check_schemas(root, files):
    """The same files with a validator of JSON Schema, and VS Code's settings lead to the same schemas."""
    settings = json.loads((root / ".vscode/settings.json").read_text())["yaml.schemas"]
    schemas = {it: root / it for it in settings}
    subprocess.run(["check-jsonschema", "--check-metaschema", *map(str, schemas.values())], check=True)
    seen = set()
    for schema, glob in settings.items():
        found = sorted(root.glob(glob))
        seen |= set(found)
        if found:
            command = ["check-jsonschema", "--schemafile", str(schemas[schema]), *map(str, found)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for path in found:
            first = path.read_text(encoding="utf-8").split("\n", 1)[0]
            assert first.endswith("/" + schema.removeprefix("./")) or first.endswith("=" + schema.removeprefix("./")), first
    assert seen == set(files), seen ^ set(files)
    print(f"   {len(files)} files are clean in check-jsonschema")


GOAL = """title: More
objective: more
kpi: { event: web-store/visit, measure: count, per: 30d, baseline: 1, target: 2, better: higher }
""".replace("{ ", "\n  ").replace(" }", "").replace(", ", "\n  ").rstrip("\n")

SCENARIO = """title: A
given:
  at: 2026-11-21T10:00:00+09:00
  customer: { customer_id: c-1 }
steps:
  - """

main()
