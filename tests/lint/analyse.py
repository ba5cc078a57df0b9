# SPDX-License-Identifier: Apache-2.0
"""Reads the C++ of server/ and client/ with clang-tidy, and clang's thread safety analysis.

analyse.py BUILD_DIRECTORY [--jobs N] [PATH...]

BUILD_DIRECTORY is that of the preset lint, with its generated headers (target vigie_generated).
PATH names files to read, such as server/engine/fold.cc; without one, all. What is looked for stands
in .clang-tidy. Prints each finding once; exits 1 when there is one.

Headers take nearly all of the time, so many files are read as one. Files that do not compile
together, because two name something alike, are read apart.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time

MOST_TOGETHER = 16  # Files; more would leave one processor idle at the end.
OWN = ("server/", "client/")
FINDING = re.compile(r"^(?P<place>/[^:\s]+:\d+:\d+): (?:warning|error): .*\[[\w.,-]+\]$")
ERROR = re.compile(r"^(/[^:\s]+):\d+:\d+: (?:fatal )?error: ", re.MULTILINE)
# Reading many files as one includes them.
NOT_TOGETHER = "-bugprone-suspicious-include"


def flags_of(command):
    """The flags of a compile command that say how its file is to be read."""
    words = shlex.split(command)
    end = words.index("-o")
    return tuple(word for word in words[1:end] if word != "-Werror")


def bunches(entries, root, wanted):
    """[(flags, [file, ...])]: the own files of compile_commands.json that may be read as one."""
    alike, seen = collections.defaultdict(list), set()
    for entry in sorted(entries, key=lambda entry: entry["file"]):
        path = pathlib.Path(entry["file"])
        name = str(path.relative_to(root)) if path.is_relative_to(root) else ""
        if not name.startswith(OWN) or path in seen or (wanted and name not in wanted):
            continue
        seen.add(path)
        alike[(path.parent, flags_of(entry["command"]))].append(path)
    small = collections.defaultdict(list)
    for (_, flags), files in sorted(alike.items()):
        small[flags].append(files)
    return [(flags, bunch) for flags, rooms in small.items() for bunch in cut(rooms)]


def cut(rooms):
    """Joins small rooms and cuts large ones, so that each bunch has some MOST_TOGETHER files."""
    bunch = []
    for files in rooms:
        for file in files:
            bunch.append(file)
            if len(bunch) == MOST_TOGETHER:
                yield bunch
                bunch = []
    if bunch:
        yield bunch


def together(directory, files):
    """One file that includes all of `files`."""
    if len(files) == 1:
        return files[0]
    text = "".join(f'#include "{file}"\n' for file in files)
    name = re.sub(r"\W", "_", str(files[0]))[-60:]
    path = directory / f"{name}_{len(files)}.cc"
    path.write_text(text, encoding="utf-8")
    return path


def run(root, *words):
    return subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)


def wrong_files(directory, root, flags, files):
    """Those of `files` in which an error is seen when all are read as one; None when none is."""
    done = run(root, "clang++", *flags, "-fsyntax-only", "-w", "-ferror-limit=0",
               str(together(directory, files)))
    return None if done.returncode == 0 else set(ERROR.findall(done.stderr))


def apart(directory, root, flags, files):
    """`files` in bunches that compile. A file with an error goes to a later bunch: another file of
    its bunch names something alike. One that is alone stays, whatever is wrong with it."""
    while files:
        bunch, later = files, []
        while len(bunch) > 1:
            wrong = wrong_files(directory, root, flags, bunch)
            if wrong is None:
                break
            kept = [file for file in bunch if str(file) not in wrong]
            if not kept or len(kept) == len(bunch):
                kept = bunch[:1]  # The error stands in a header, or in all.
            later += [file for file in bunch if file not in kept]
            bunch = kept
        yield bunch
        files = later


def read(directory, root, flags, files):
    """{finding: its lines} in files that have the same flags."""
    found = {}
    for bunch in apart(directory, root, flags, files):
        checks = [f"--checks={NOT_TOGETHER}"] if len(bunch) > 1 else []
        path = together(directory, bunch)
        done = run(root, "clang-tidy", "--quiet", *checks, str(path), "--", *flags)
        of_bunch = split(done.stdout)
        if done.returncode != 0 and not of_bunch:
            of_bunch[str(path)] = [done.stdout + done.stderr]
        found.update(of_bunch)
    return found


def split(output):
    """{finding: its lines} of what clang-tidy printed."""
    found, lines = {}, []
    for line in output.splitlines():
        if FINDING.match(line):
            lines = found.setdefault(line, [])
        lines.append(line)
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_intermixed_args()
    started = time.monotonic()
    root = pathlib.Path(__file__).resolve().parents[2]
    directory = arguments.build.resolve() / "read-together"
    directory.mkdir(parents=True, exist_ok=True)
    commands = (arguments.build / "compile_commands.json").read_text(encoding="utf-8")
    work = bunches(json.loads(commands), root, set(arguments.paths))
    found = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        largest_first = sorted(work, key=lambda bunch: -len(bunch[1]))
        for some in pool.map(lambda bunch: read(directory, root, *bunch), largest_first):
            for finding in some.keys() - found.keys():
                print("\n".join(some[finding]).replace(f"{root}/", ""), flush=True)
            found.update(some)
    print(f"clang-tidy: {sum(len(files) for _, files in work)} files, {len(found)} findings, "
          f"{time.monotonic() - started:.0f} s")
    return 1 if found or not work else 0


if __name__ == "__main__":
    sys.exit(main())
