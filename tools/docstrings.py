"""A docstring in Google's style as Markdown."""
# ruff: noqa: INP001 - beside a script

import ast
import re

SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises")


def sections(docstring: str) -> dict[str, str]:
    """The text of a docstring by section; what comes first is under an empty name."""
    found = {"": ""}
    current = ""
    for line in docstring.splitlines():
        if (name := line.removesuffix(":")) in SECTIONS and line.endswith(":"):
            found[current := name] = ""
            continue
        if current and line and not line.startswith(" "):  # what is said after a section
            current = ""
            found[""] += "\n"
        found[current] += line + "\n"
    return {name: text.strip("\n") for name, text in found.items()}


def entries(section: str) -> dict[str, str]:
    """``name: text`` of a section, joined over lines."""
    found: dict[str, str] = {}
    for line in section.splitlines():
        begins = re.match(r"    (\S[^:]*): (.*)", line)
        if begins:
            found[begins[1]] = begins[2]
        elif found and line.strip():
            found[next(reversed(found))] += f" {line.strip()}"
    return found


def marked(text: str) -> str:
    """Docstring markup as Markdown: names in code."""
    return re.sub(r"``([^`]*)``", r"`\1`", text)


def prose(text: str) -> str:
    """Paragraphs; what is indented after ``::`` is code."""
    parts = []
    for part in re.split(r"\n\s*\n", text):
        if part.startswith("    "):
            parts.append("```text\n" + "\n".join(line[4:] for line in part.splitlines()) + "\n```")
        elif part.strip() != "::":
            parts.append(marked(re.sub(r"::$", ":", part)))
    return "\n\n".join(parts)


def docstring(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, indent: str = "") -> str:
    """A docstring as Markdown."""
    found = sections(ast.get_docstring(node) or "")
    made = [prose(found.pop(""))]
    for name, text in found.items():
        if listed := entries(text):
            made.append(f"{name}:\n\n" + "\n".join(f"- `{key}`: {marked(value)}" for key, value in listed.items()))
        else:
            made.append(f"{name}: {marked(' '.join(text.split()))}")
    return "\n".join(f"{indent}{line}" if line else "" for line in "\n\n".join(made).splitlines())
