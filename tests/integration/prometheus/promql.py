# SPDX-License-Identifier: Apache-2.0
"""Finds the metric selectors in a PromQL expression. Prometheus itself judges the syntax."""

import re

_TOKEN = re.compile(r"""
    (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
  | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
  | (?P<number>[0-9][0-9a-zA-Z.]*)
  | (?P<space>\s+)
  | (?P<other>.)
""", re.VERBOSE | re.DOTALL)

_GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS = {"and", "or", "unless", "offset", "bool", "atan2", "inf", "nan", "start", "end"}


def _tokens(expr):
    # Comments first; the rules here keep '#' out of strings.
    bare = re.sub(r"#[^\n]*", "", expr)
    return [(match.lastgroup, match.group()) for match in _TOKEN.finditer(bare)
            if match.lastgroup != "space"]


def _closing(tokens, at):
    """The index behind the bracket that closes the one at `at`."""
    pairs = {"(": ")", "{": "}"}
    opening, closing, depth = tokens[at][1], pairs[tokens[at][1]], 0
    for index in range(at, len(tokens)):
        if tokens[index] == ("other", opening):
            depth += 1
        elif tokens[index] == ("other", closing):
            depth -= 1
            if depth == 0:
                return index + 1
    raise ValueError(f"no closing {closing}")


def selectors(expr):
    """[(metric, selector text)] in order, for example ("up", 'up{job="vigie"}')."""
    tokens, found, at = _tokens(expr), [], 0
    while at < len(tokens):
        kind, text = tokens[at]
        following = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        if kind != "name" or text.lower() in _WORDS:
            at += 1
        elif text.lower() in _GROUPING:
            at = _closing(tokens, at + 1) if following == "(" else at + 1
        elif following == "(" or following.lower() in ("by", "without"):
            at += 1  # A function or an aggregation; its arguments come next.
        elif following == "{":
            end = _closing(tokens, at + 1)
            found.append((text, "".join(token for _, token in tokens[at:end])))
            at = end
        else:
            found.append((text, text))
            at += 1
    return found


def metrics(expr):
    return {name for name, _ in selectors(expr)}


def substituted(text, variables, rate_interval="1m", span="1h"):
    """`text` with Grafana's variables replaced: every template variable by `.*`."""
    text = text.replace("$__rate_interval", rate_interval).replace("$__interval", rate_interval)
    text = text.replace("$__range", span)
    for name in sorted(variables, key=len, reverse=True):
        text = re.sub(rf"\$\{{{name}(:\w+)?\}}|\${name}\b", ".*", text)
    return text
