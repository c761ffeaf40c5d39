"""Make the reference from the docstrings: `python docs/make_reference.py`. It reads the sources and imports nothing.

A test fails when a page is not what this makes.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = ROOT / "docs" / "reference"

#: Packages that people import from; each gives a page, and so does each sub-package that passes on names of its own.
LAYERS: Final = ("frames", "engine", "actors", "providers", "transports", "agents")

#: A line that begins a section of a docstring.
_SECTION: Final = re.compile(r"^(Args|Returns|Raises|Yields):$")

#: An entry of such a section: `name: what it is`, at the section's own depth.
_ENTRY: Final = re.compile(r"^ {4}([\w.*, |]+): (.*)$")

#: Signatures that are longer get a line for each parameter.
_WIDTH: Final = 100

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen(kw_only=True)
class Public:
    """A public name.

    Args:
        name: as it is imported.
        nodes: where it is defined; several are overloads.
        lines: of its module.
    """

    name: str
    nodes: tuple[ast.stmt, ...]
    lines: tuple[str, ...]

    def comment_before(self, node: ast.stmt) -> str:
        """The `#:` comment before a constant, an alias, an attribute or a member."""
        lines = [line.strip() for line in self.lines[: node.lineno - 1]]
        comment: list[str] = []
        while lines and lines[-1].startswith("#:"):
            comment.insert(0, lines.pop().removeprefix("#:").strip())
        return " ".join(comment)


def main() -> None:
    """Write the pages that have changed, and take away those of packages that are gone."""
    PAGES.mkdir(exist_ok=True)
    pages = make_pages()
    for stale in {path.name for path in PAGES.glob("*.md")} - set(pages):
        (PAGES / stale).unlink()
    for name, text in pages.items():
        (PAGES / name).write_text(text, encoding="utf-8")


def make_pages() -> dict[str, str]:
    """The text of each page, by file name."""
    inner = (path.parent for layer in LAYERS for path in sorted((ROOT / layer).glob("*/__init__.py")))
    public = (f"{folder.parent.name}.{folder.name}" for folder in inner if any(_public_names(_tree_of(folder))))
    return {f"{package}.md": _page(package) for package in (*LAYERS, *public)}


def _tree_of(folder: Path) -> ast.Module:
    return _parse(folder / "__init__.py")


def _page(package: str) -> str:
    folder = ROOT.joinpath(*package.split("."))
    tree = _tree_of(folder)
    names = sorted(_public_names(tree), key=lambda public: public.name.casefold())
    contents = [f"- [`{public.name}`](#{public.name.lower()}): {_first_line(public)}" for public in names]
    parts = [
        f"# trialogue.{package}",
        "<!-- Made by docs/make_reference.py from the docstrings: change those. -->",
        inspect.cleandoc(ast.get_docstring(tree) or ""),
        "\n".join(contents),
        *(part for public in names for part in _entry(public)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


# Finding names.


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _public_names(tree: ast.Module) -> Iterator[Public]:
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module is not None:
            for alias in statement.names:
                if alias.asname == alias.name:
                    yield _find(statement.module, alias.name)


def _find(module: str, name: str) -> Public:
    """A name's definition, through as many packages as pass it on."""
    path = ROOT.joinpath(*module.split(".")[1:])
    if path.is_dir():
        passed_on = _parse(path / "__init__.py")
        return next(public for public in _public_names(passed_on) if public.name == name)
    path = path.with_suffix(".py")
    nodes = tuple(node for node in _parse(path).body if name in _names_of(node))
    return Public(name=name, nodes=nodes, lines=tuple(path.read_text(encoding="utf-8").splitlines()))


def _names_of(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


# Writing entries.


def _entry(public: Public) -> Iterator[str]:
    yield f"## {public.name}"
    for node in public.nodes:
        match node:
            case ast.ClassDef():
                yield from _class(node, public)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _code(_signature(node))
                yield _prose(ast.get_docstring(node))
            case _:
                yield _code(ast.unparse(node))
                yield public.comment_before(node)


def _class(node: ast.ClassDef, public: Public) -> Iterator[str]:
    bases = f"({', '.join(map(ast.unparse, node.bases))})" if node.bases else ""
    made = _constructor(node)
    yield _code(f"class {node.name}{bases}" + (f"\n\n{made}" if made else ""))
    yield _prose(ast.get_docstring(node))
    for text, line in _plain_attributes(node):
        yield f"### `{text}`"
        yield public.comment_before(line)
    for method in _methods(node):
        yield f"### `{_signature(method, width=0)}`"
        yield _prose(ast.get_docstring(method))


def _constructor(node: ast.ClassDef) -> str:
    """How an object is made: its `__init__`, or what attrs makes of the fields."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            return _call(node.name, _parameters(method.args))
    settings = _attrs_settings(node)
    if settings is None:
        return ""
    fields = [field for field in map(_field, _annotated(node)) if field]
    star = ["*"] if "kw_only=True" in settings and fields else []
    return _call(node.name, [*star, *fields])


def _attrs_settings(node: ast.ClassDef) -> str | None:
    decorators = (ast.unparse(decorator) for decorator in node.decorator_list)
    return next((text for text in decorators if text.startswith(("frozen", "define"))), None)


def _annotated(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [line for line in node.body if isinstance(line, ast.AnnAssign)]


def _field(line: ast.AnnAssign) -> str:
    """A field as a parameter; nothing where it is none."""
    name, hint = ast.unparse(line.target), ast.unparse(line.annotation)
    value = "" if line.value is None else ast.unparse(line.value)
    if "init=False" in value:
        return ""
    return f"{name.lstrip('_')}: {hint}{_default(line.value)}"


def _default(value: ast.expr | None) -> str:
    if value is None:
        return ""
    if not (isinstance(value, ast.Call) and ast.unparse(value.func) in {"attrs.field", "attrs.Factory"}):
        return f" = {ast.unparse(value)}"
    given = {keyword.arg: keyword.value for keyword in value.keywords}
    factory = given.get("factory") or (value.args[0] if value.args else None)
    if factory is not None:
        return f" = {ast.unparse(factory)}()"
    return f" = {ast.unparse(given['default'])}" if "default" in given else ""


def _plain_attributes(node: ast.ClassDef) -> Iterator[tuple[str, ast.stmt]]:
    """Members of an enumeration, and attributes that no constructor takes."""
    if any(ast.unparse(base) in {"Enum", "enum.Enum"} for base in node.bases):
        yield from ((name, line) for line in node.body if isinstance(line, ast.Assign) for name in _names_of(line))
    for line in _annotated(node):
        name = ast.unparse(line.target)
        if line.value is not None and "init=False" in ast.unparse(line.value) and not name.startswith("_"):
            yield f"{name}: {ast.unparse(line.annotation)}", line


def _methods(node: ast.ClassDef) -> Iterator[_Function]:
    for method in node.body:
        if isinstance(method, _Function) and not method.name.startswith("_") and ast.get_docstring(method):
            yield method


def _signature(node: _Function, width: int = _WIDTH) -> str:
    """What a caller writes, without `self`; in several lines where it is longer than the width, if there is one."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    if decorators & {"property", "functools.cached_property"}:
        return f"{node.name}{returns.replace(' -> ', ': ')}"
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    word = f"classmethod {word}" if "classmethod" in decorators else word
    return _call(f"{word} {node.name}", _parameters(node.args), returns, width)


def _call(name: str, parameters: list[str], returns: str = "", width: int = _WIDTH) -> str:
    line = f"{name}({', '.join(parameters)}){returns}"
    if not width or len(line) <= width:
        return line
    return "\n".join([f"{name}(", *(f"    {parameter}," for parameter in parameters), f"){returns}"])


def _parameters(arguments: ast.arguments) -> list[str]:
    """The parameters as they are written, without `self`."""
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + arguments.defaults
    written = [_parameter(argument, default) for argument, default in zip(plain, defaults, strict=True)]
    if arguments.posonlyargs:
        written.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg is not None:
        written.append(f"*{_parameter(arguments.vararg, None)}")
    elif arguments.kwonlyargs:
        written.append("*")
    written += map(_parameter, arguments.kwonlyargs, arguments.kw_defaults)
    if arguments.kwarg is not None:
        written.append(f"**{_parameter(arguments.kwarg, None)}")
    own = bool(written) and written[0] in {"self", "cls"}
    return written[2:] if own and written[1:2] == ["/"] else written[own:]


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    hint = f": {ast.unparse(argument.annotation)}" if argument.annotation is not None else ""
    return argument.arg + hint + (f" = {ast.unparse(default)}" if default is not None else "")


def _code(text: str) -> str:
    return f"```py\n{text}\n```"


# Docstrings.


def _first_line(public: Public) -> str:
    documents = (ast.get_docstring(node) for node in public.nodes if isinstance(node, ast.ClassDef | _Function))
    document = next((document for document in documents if document), public.comment_before(public.nodes[0]))
    return document.split("\n\n", maxsplit=1)[0].replace("\n", " ")


def _prose(document: str | None) -> str:
    """A docstring as Markdown: its sections become lists."""
    lines: list[str] = []
    section = ""
    for line in (document or "").splitlines():
        if found := _SECTION.match(line):
            section = found[1]
            lines += [f"**{section}**", ""]
        elif not section or (line and not line.startswith(" ")):
            section = ""
            lines.append(line)
        else:
            _continue_section(lines, line)
    return _code_blocks("\n".join(lines).strip())


def _continue_section(lines: list[str], line: str) -> None:
    if entry := _ENTRY.match(line):
        lines.append(f"- `{entry[1]}`: {entry[2]}")
    elif line.startswith(" ") and lines[-1].startswith("- "):
        lines[-1] += f" {line.strip()}"
    else:
        lines.append(line.strip())


def _code_blocks(text: str) -> str:
    """Doctests in a fence of their own."""
    return re.sub(r"((?:^>>> .*\n?(?:^(?!>>>|\n).+\n?)*)+)", r"```pycon\n\1\n```", text, flags=re.MULTILINE)


if __name__ == "__main__":
    main()
