# SPDX-License-Identifier: Apache-2.0
"""Says which tests a ctest run skipped.

skipped.py JUNIT_FILE LISTING_FILE SHARED_DIRECTORY

JUNIT_FILE is from `ctest --output-junit`, LISTING_FILE from `ctest --show-only=json-v1`. Prints
`skipped: N (names)`. Exits 1 when SHARED_DIRECTORY exists although a test that needs it was
skipped: one that has the label `shared`, or whose output names ../shared.
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

INSIDE = re.compile(r"^\[ RUN      \] (\S+)\n(?P<said>(?:(?!\[ RUN ).*\n)*?)"
                    r"\[  SKIPPED \] \1 \(\d+ ms\)$", re.MULTILINE)
INSIDE_PYTHON = re.compile(r"^OK \(.*\bskipped=(\d+)", re.MULTILINE)


def labels_of(listing):
    """{test: labels} from ctest's listing."""
    found = {}
    for test in listing["tests"]:
        properties = {each["name"]: each["value"] for each in test.get("properties", [])}
        found[test["name"]] = set(properties.get("LABELS", []))
    return found


def skipped_tests(junit):
    """[(name, its test, output)]: tests that did not run, and those skipped inside one that did."""
    found = []
    for case in junit.iter("testcase"):
        name, output = case.get("name"), case.findtext("system-out") or ""
        if case.get("status") in ("notrun", "disabled"):
            found.append((name, name, output))
            continue
        found += [(f"{name}: {inside[1]}", name, inside["said"])
                  for inside in INSIDE.finditer(output)]
        for count in INSIDE_PYTHON.findall(output):
            found += [(f"{name}: {number + 1}", name, output) for number in range(int(count))]
    return found


def report(junit, listing, shared_exists):
    """(the line to print, [tests that needed ../shared and had it])."""
    labels, skipped = labels_of(listing), skipped_tests(junit)
    names = ", ".join(name for name, _, _ in skipped)
    line = f"skipped: {len(skipped)} ({names})" if skipped else "skipped: 0"
    needed = [name for name, test, output in skipped
              if "shared" in labels.get(test, set()) or "../shared" in output]
    return line, needed if shared_exists else []


def main():
    junit_file, listing_file, shared = (pathlib.Path(argument) for argument in sys.argv[1:4])
    line, needed = report(ElementTree.parse(junit_file).getroot(),
                          json.loads(listing_file.read_text(encoding="utf-8")), shared.is_dir())
    if needed:
        print(f"{shared} is here, but these tests that need it were skipped: {', '.join(needed)}")
    print(line)
    return 1 if needed else 0


if __name__ == "__main__":
    sys.exit(main())
