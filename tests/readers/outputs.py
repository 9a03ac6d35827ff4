"""Reads every form of the report with a reader that is not ours, and compares what comes back with the JSON.

Usage: outputs.py TAIWA NODE_MODULES. Author's text in it is hostile: it tries to leave its place in each form.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse
from html.parser import HTMLParser

import cmarkgfm
import junitparser
from cmarkgfm.cmark import Options

TAIWA = str(pathlib.Path(sys.argv[1]).resolve())
NODE = pathlib.Path(sys.argv[2]).resolve()

NAMES = [
    "]]><x>",
    "\"'`@tanaka`",
    "a|b, c:d",
    "![i](https:x)",
    "%0A::error file=x::y",
    "rtl\u202egnp",
    "esc\x1b[31m",
    "line\nbreak",
    "エスプレッソ 飲む",
]
TEXT = r"""
title: x
"]]> <script>alert(1)</script> [x](http://a.b) ![i](//x) | `@tanaka` #1": 1
"\n::error file=x,line=1::owned\r\n::set-output name=a::b": 1
"\e[2J \0 \u202E \u2028 \uFFFE &amp; ${{ secrets.A }} </details> ``` --> 100%": 1
"飲む 👨‍👩‍👧 é https://evil.example www.evil.example GH-12 :tada:": 1
タグ: 飲む
eligible: 'profile.teir == "gold" && in_segment("<b>")'
"""


def run(workspace, *args):
    done = subprocess.run([TAIWA, "validate", *args], cwd=workspace, capture_output=True, check=False)
    assert done.returncode == 1, (args, done.returncode, done.stderr.decode())
    return done.stdout.decode("utf-8")


def is_hidden(char):
    code = ord(char)
    spans = [(0, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E)]
    spans += [(0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xFFFE, 0xFFFF), (0xE0000, 0xE007F)]
    return any(low <= code <= high for low, high in spans)


def visible(text, stays="\n"):
    return "".join(c if c in stays or not is_hidden(c) else "\\u{%x}" % ord(c) for c in text)


def said(finding, words):
    text = finding["message"]
    if finding["help"]:
        text += f"\n{words['help']}: {finding['help']}"
    if finding.get("witness"):
        text += f"\n{words['example']}: {finding['witness']['said']}"
    return text


def check_sarif(text, findings, words, root):
    run_ = json.loads(text)["runs"][0]
    back = []
    for result in run_["results"]:
        place = result["locations"][0]["physicalLocation"]
        path = urllib.parse.unquote(place["artifactLocation"]["uri"])
        assert (root / path).exists(), path
        region = place["region"]
        message = result["message"]["text"].replace("\\](", "](")
        assert run_["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        back.append((path, region["startLine"], region["startColumn"], result["ruleId"], message))
    expect = [(it["path"], it["line"], it["column"], it["code"], visible(said(it, words))) for it in findings]
    assert back == expect, difference(back, expect)
    fixes = sum(1 for it in run_["results"] if it.get("fixes"))
    assert fixes == sum(1 for it in findings if it.get("fix")), fixes
    assert re.search(r"[^\\]\]\(", json.dumps([it["message"] for it in run_["results"]])) is None
    file = root / "out.sarif"
    file.write_text(text, encoding="utf-8")
    tool = NODE / "@microsoft/sarif-multitool-linux/Sarif.Multitool"
    tool.chmod(0o755)
    done = subprocess.run([tool, "validate", str(file)], capture_output=True, text=True, check=False)
    wrong = [it for it in done.stdout.splitlines() if re.search(r": (error|warning) SARIF", it)]
    # Who made the tool has no home of its own to point to.
    wrong = [it for it in wrong if "informationUri" not in it]
    assert not wrong and "Analysis completed successfully" in done.stdout, done.stdout


def check_github(text, findings, words):
    def plain(value):
        for code, char in [("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")]:
            value = value.replace(code, char)
        return value

    back = []
    for line in text.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*,?)+)::(.*)", line)
        assert match, line
        values = dict(it.split("=", 1) for it in match[2].split(","))
        back.append((plain(values["file"]), int(values["line"]), int(values["col"]), plain(match[3])))
    stays = "\r\n"
    expect = [
        (visible(it["path"], stays), it["line"], it["column"], visible(said(it, words), stays)) for it in findings
    ]
    assert back == expect, difference(back, expect)


def check_gitlab(text, findings, words):
    issues = json.loads(text)
    back = [
        (it["location"]["path"], it["location"]["lines"]["begin"], it["check_name"], it["description"]) for it in issues
    ]
    expect = [
        (it["path"], it["line"], it["code"], visible(said(it, words).replace("\n", " "), "")) for it in findings
    ]
    assert back == expect, difference(back, expect)
    assert len({it["fingerprint"] for it in issues}) == len(issues)
    assert {it["severity"] for it in issues} <= {"info", "minor", "major", "critical", "blocker"}


def check_junit(text, findings, words, root):
    suites = junitparser.JUnitXml.fromstring(text.encode())
    back, passed = [], 0
    for suite in suites:
        cases = list(suite)
        assert suite.tests == len(cases) and suite.failures == sum(1 for it in cases if it.result), suite.name
        for case in cases:
            texts = [it.text for it in case.result] or [case.system_out]
            if texts == [None]:
                passed += 1
                continue
            severity, message = texts[0].rsplit("\n", 1)[0].split(": ", 1)
            assert (severity == "error") == bool(case.result)
            back.append((suite.name, message))
    expect = [(visible(it["path"], ""), visible(said(it, words))) for it in findings]
    assert sorted(back) == sorted(expect), difference(sorted(back), sorted(expect))
    assert suites.tests == passed + len(back) and passed > 50, (suites.tests, passed)


class Page(HTMLParser):
    """What a code host shows of a comment: tags, text in code and text beside it."""

    def __init__(self):
        super().__init__()
        self.depth, self.code, self.text, self.all = 0, [], [], []

    def handle_starttag(self, tag, attrs):
        allowed = {"h3", "p", "details", "summary", "strong", "ul", "li", "code"}
        assert tag in allowed and attrs in ([], [("open", None)]), (tag, attrs)
        self.depth += tag == "code"

    def handle_endtag(self, tag):
        self.depth -= tag == "code"

    def handle_data(self, data):
        self.all.append(data)
        (self.code if self.depth else self.text).append(data)


def squeezed(text):
    return re.sub(r"[\s`]+", "", text)


def check_markdown(text, findings):
    html = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    page = Page()
    page.feed(html)
    beside = "\n".join(page.text)
    assert not re.search(r"[@<>\[\]|*]|#\d|GH-|://|www\.|:[a-z]+:", beside), beside
    assert not any(is_hidden(c) for c in "".join(page.all) if c != "\n")
    whole = squeezed("".join(page.all))
    for it in findings:
        for part in (it["path"], it["message"], it["help"] or ""):
            assert squeezed(visible(part, "")) in whole or squeezed(visible(part.replace("\n", " "), "")) in whole, part


def difference(back, expect):
    wrong = [(a, b) for a, b in zip(back, expect) if a != b]
    return f"{len(back)} came back, {len(expect)} were expected; {wrong[:2]}"


def hostile(root):
    workspace = root / "マーケ ting"
    subprocess.run([TAIWA, "init", str(workspace)], check=True, capture_output=True)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    offers = workspace / "channels/web-store/offers"
    for name in NAMES:
        (offers / f"{name}.yaml").write_text(TEXT, encoding="utf-8")
    return workspace


def many(workspace):
    rules = "".join(
        f"  - {{ zone: home-hero, segment: everyone, offer: none-such-{it}, score: 1 }}\n" for it in range(1500)
    )
    (workspace / "channels/web-store/strategy.yaml").write_text(f"rules:\n{rules}", encoding="utf-8")
    text = run(workspace, "--format", "markdown")
    assert len(text.encode("utf-16-le")) // 2 <= 65_536 and re.search(r"… and [0-9]+ more", text), text[-200:]
    page = Page()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
    human = run(workspace)
    assert human.count("\n --> ") <= 100 and "of them are not shown" in human


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        workspace = hostile(root)
        schema = root / "report.schema.json"
        schema.write_bytes(subprocess.run([TAIWA, "schema", "report"], check=True, capture_output=True).stdout)
        for language, words in [
            ("en", {"help": "help", "example": "for example"}),
            ("ja", {"help": "ヒント", "example": "例"}),
        ]:
            at = ["--at", "2026-11-21", "--lang", language, "--format"]
            report = root / "report.json"
            report.write_text(run(workspace, *at, "json"), encoding="utf-8")
            subprocess.run(["check-jsonschema", "--schemafile", str(schema), str(report)], check=True)
            findings = json.loads(report.read_text())["findings"]
            assert len(findings) > 60, len(findings)
            for it in findings:
                it["path"] = f"{workspace.name}/{it['file']}"
            check_sarif(run(workspace, *at, "sarif"), findings, words, root)
            check_github(run(workspace, *at, "github"), findings, words)
            check_gitlab(run(workspace, *at, "gitlab"), findings, words)
            check_junit(run(workspace, *at, "junit"), findings, words, root)
            check_markdown(run(workspace, *at, "markdown"), findings)
            human = run(workspace, *at, "human")
            assert not any(is_hidden(c) for c in human if c not in "\n"), "something hidden reached the terminal"
            print(f"   {language}: {len(findings)} findings came back from 5 forms")
        many(workspace)
        print("   1,500 findings fit into a comment")


main()
