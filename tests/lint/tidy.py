# SPDX-License-Identifier: Apache-2.0
"""House rules that a machine can check, each with an id.

tidy.py             checks the whole tree; prints FILE:LINE: RULE: what to do; exits 1 on a finding
tidy.py --rules     prints the rules

A line that breaks a rule for good reason says so: `tidy:allow RULE because ...` on the same line.
"""

import pathlib
import re
import subprocess
import sys

CODE = (".cc", ".h")
SCRIPTS = (".py", ".sh", ".js")
CMAKE = (".cmake", "CMakeLists.txt")
ALLOW = re.compile(r"tidy:allow ([A-Z0-9_]+) because \S")
RULES = []  # (id, purpose, applies to path, check)


def rule(name, purpose, applies):
    """Registers `check(path, lines)`, which yields (line number, what to do)."""
    def register(check):
        RULES.append((name, purpose, applies, check))
        return check
    return register


def ends(*endings):
    return lambda path: path.endswith(endings)


# Programs that tests start to send at a rate, and to wait as long as the daemon asks them to.
SENDERS = ("tests/fault/source_feed.cc",)


def is_test(path):
    return path.startswith("tests/") and not path.startswith("tests/lint/tidy")


def matches(lines, pattern, words):
    """(line number, words filled with the match) for every line that has the pattern."""
    expression = re.compile(pattern)
    for number, line in enumerate(lines, start=1):
        found = expression.search(line)
        if found:
            yield number, words.format(found.group().strip())


def without_comment(line):
    return line.split("//", 1)[0]


@rule("LINE_100", "Lines of code are at most 100 columns wide.",
      ends(*CODE, *SCRIPTS, *CMAKE, ".proto"))
def line_100(_, lines):
    for number, line in enumerate(lines, start=1):
        if len(line) > 100:
            yield number, f"{len(line)} columns, want at most 100"


@rule("SPDX_FIRST", "Every file that can carry it starts with the licence line.",
      ends(*CODE, *SCRIPTS, *CMAKE, ".proto", ".yaml", ".yml", ".ci/run"))
def spdx_first(_, lines):
    head = [line for line in lines[:2] if not line.startswith("#!")]
    wanted = re.compile(r"(//|#) SPDX-License-Identifier: Apache-2\.0$")
    if not head or not wanted.match(head[0]):
        yield 1, "want 'SPDX-License-Identifier: Apache-2.0' as the first comment line"


@rule("NO_SLEEP_IN_TESTS", "Tests wait for a condition, never for a time.",
      lambda path: is_test(path) and path.endswith(CODE + SCRIPTS) and path not in SENDERS)
def no_sleep_in_tests(_, lines):
    code = [without_comment(line) for line in lines]
    return matches(code, r"\b(sleep_for|sleep_until|SleepFor|usleep|nanosleep|time\.sleep)\b|"
                   r"\bsetTimeout\b|(^|[\s;&|])sleep \d|\bsleep\(",
                   "'{}': wait for a condition instead")


@rule("NO_CLOCK_OUTSIDE_BASE", "Only server/base reads a clock; the rest is given the time.",
      lambda path: path.startswith("server/") and path.endswith(CODE)
      and not path.startswith("server/base/") and not path.endswith("_test.cc"))
def no_clock_outside_base(_, lines):
    code = [without_comment(line) for line in lines]
    return matches(code, r"absl::Now\b|\b(system_clock|steady_clock|high_resolution_clock)\b|"
                   r"\b(gettimeofday|clock_gettime)\b|\bstd::time\b|\btime\((nullptr|NULL|0)\)|"
                   r"absl/time/clock\.h", "'{}': take a base::Clock, or the time, as an argument")


@rule("FILE_500_LINES", "A file holds one idea: at most 500 lines.", ends(*CODE, *SCRIPTS))
def file_500_lines(_, lines):
    if len(lines) > 500:
        yield 501, f"{len(lines)} lines, want at most 500: split by idea"


@rule("BANNED_NAME", "A class is named by what it is, not by a word that fits everything.",
      ends(*CODE))
def banned_name(_, lines):
    code = [without_comment(line) for line in lines]
    return matches(code, r"\b(class|struct)\s+(\w+\s+)?\w*(Manager|Helper|Utils?|Handler|Processor)"
                   r"\b", "'{}': name it by what it is")


@rule("NO_GLOB", "CMake names its sources.", ends(*CMAKE))
def no_glob(_, lines):
    code = [line.split("#", 1)[0] for line in lines]
    return matches(code, r"(?i)\bfile\s*\(\s*GLOB(_RECURSE)?\b|\baux_source_directory\b",
                   "'{}': list the files")


@rule("PURE_ROOMS", "server/stats and server/decision have no clock, no I/O and no engine below.",
      lambda path: path.startswith(("server/stats/", "server/decision/")) and path.endswith(CODE))
def pure_rooms(_, lines):
    return matches(lines, r"#include [<\"](rocksdb/|grpc|prometheus/|boost/(asio|beast)|absl/time/"
                   r"clock\.h|base/(clock|log_line)\.h|chrono|ctime|fstream|iostream|filesystem|"
                   r"cstdio|thread|mutex|random)\S*", "'{}': this room is pure")


@rule("TODO_HAS_ISSUE", "What is left to do is an issue, named in the comment.",
      ends(*CODE, *SCRIPTS, *CMAKE, ".proto", ".yaml"))
def todo_has_issue(_, lines):
    marks = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"))
    return matches(lines, rf"\b(?!TO{'DO'}\(#\d+\))({marks})\b", "'{}': write TO" + "DO(#issue)")


def allowed(line, name):
    found = ALLOW.search(line)
    return found is not None and found.group(1) == name


def findings(path, text):
    """[(line number, rule, what to do)] of one file; `path` is relative to the tree."""
    lines, found = text.splitlines(), []
    for name, _, applies, check in RULES:
        if not applies(path):
            continue
        for number, words in check(path, lines):
            line = lines[number - 1] if number <= len(lines) else ""
            if not allowed(line, name):
                found.append((number, name, words))
    return sorted(found)


def tree_files(root):
    """The files under version control and those that could be, relative to the tree."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return sorted({name for name in listed.stdout.splitlines() if (root / name).is_file()})
    outside = ("build", ".git", "node_modules")
    return sorted(str(path.relative_to(root)) for path in root.rglob("*")
                  if path.is_file() and path.relative_to(root).parts[0] not in outside)


def format_findings(root, files):
    """FORMAT: what clang-format would change."""
    code = [name for name in files if name.endswith(CODE)]
    if not code:
        return []
    try:
        done = subprocess.run(["clang-format", "--dry-run", *code], cwd=root, capture_output=True,
                              text=True, check=False)
    except FileNotFoundError:
        return ["FORMAT: clang-format is not installed; Debian's package clang-format has it"]
    found = {}
    for line in done.stderr.splitlines():
        match = re.match(r"(.*?):(\d+):\d+: (?:warning|error): (.*)", line)
        if match:
            found.setdefault(match.group(1), int(match.group(2)))
    said = [f"{name}:{line}: FORMAT: run clang-format -i {name}" for name, line in found.items()]
    if done.returncode != 0 and not said:
        said.append(f"FORMAT: clang-format failed: {done.stderr.strip()[:300]}")
    return said


def main():
    if "--rules" in sys.argv[1:]:
        for name, purpose, _, _ in RULES:
            print(f"{name:22} {purpose}")
        print(f"{'FORMAT':22} Code is as clang-format leaves it.")
        return 0
    root = pathlib.Path(__file__).resolve().parents[2]
    files, said = tree_files(root), []
    for name in files:
        if name.endswith(CODE + SCRIPTS + CMAKE + (".proto", ".yaml", ".yml", ".ci/run")):
            text = (root / name).read_text(encoding="utf-8")
            said += [f"{name}:{number}: {found}: {words}"
                     for number, found, words in findings(name, text)]
    said += format_findings(root, files)
    print("\n".join(said) if said else f"{len(files)} files keep {len(RULES) + 1} rules")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
