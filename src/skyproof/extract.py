"""Write the files that a Markdown document carries in its fenced blocks, all of them or none.

A block names its file in one of these ways; the nearest to the code wins:

1. the info string: `hcl title="main.tf"` (or filename, file, path), `hcl main.tf`, `hcl:main.tf` or
   `main.tf` alone;
2. the first line: a comment `# file: main.tf` in any comment style, or one that is nothing but a
   path of the block's language (`# main.tf` in a block of HCL). The line stays in the file;
3. the heading or line just before it: `### main.tf`, `**lambda/handler.py**`, ``File: `main.tf`:``.
   A heading also names a block further down, when that is the only one before the next heading.

Line ends become LF, whatever the document's are: Terraform formats so, and `#!` lines need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from skyproof.errors import SkyproofError
from skyproof.filetree import file_key, safe_path, write_files

HOW_TO_NAME = (
    'Name it in the info string (```hcl title="main.tf"), '
    "or leave such blocks out with --allow-unnamed."
)

_ATTRIBUTE = re.compile(
    r"""\b(?P<key>title|filename|file|path)\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s}]+))"""
)
_CHARACTER = r"[^\s`*\"'<>|?{}]"
_PATH = re.compile(
    rf"{_CHARACTER}*/{_CHARACTER}+"  # a/b
    rf"|{_CHARACTER}*[^\s`*\"'<>|?{{}}.]\.[A-Za-z]\w*"  # main.tf, but not 3.11
    r"|\.[A-Za-z][\w.-]+"  # .gitignore
)
_WITHOUT_SUFFIX = frozenset({"Dockerfile", "Jenkinsfile", "LICENSE", "Makefile", "Procfile"})
_COMMENT = re.compile(r"\s*(?:#|//|--|;|%|/\*|<!--)+\s*(?P<text>.*?)\s*(?:\*/|-->)?\s*")
_LABEL = r"(?:file(?:name)?|path)\s*:\s*"
_LABELLED = re.compile(rf"{_LABEL}(?P<name>\S+)", re.IGNORECASE)
_LINE = re.compile(rf"(?:\d+[.)]\s+)?(?:{_LABEL})?(?P<name>\S+?)\s*:?", re.IGNORECASE)
_FENCE = re.compile(r"(?P<indent>\s*)(?P<markup>`{3,}(?=[^`]*$)|~{3,}(?=\s*[\w{]|\s*$))")
_SUFFIXES = {
    "bash": {"sh", "bash"},
    "hcl": {"tf", "hcl", "tfvars"},
    "javascript": {"js", "mjs"},
    "python": {"py"},
    "shell": {"sh"},
    "terraform": {"tf", "tfvars"},
    "typescript": {"ts"},
    "yaml": {"yaml", "yml"},
}


@dataclass(frozen=True)
class Block:
    """A fenced block: the line it opens on (from 1), its content with LF ends, its file's name."""

    line: int
    content: str
    name: str | None


def extract(
    document: Path, into: Path, *, allow_unnamed: bool = False, force: bool = False
) -> list[Path]:
    """Write every named block of `document` below `into`; return the paths in the document's order.

    Files that are there already with the same content stay. `allow_unnamed` leaves out the blocks
    that name no file; `force` overwrites files whose content differs.

    Raises `SkyproofError`, with nothing written, if the document cannot be read or holds nothing to
    extract, if a block names no file or never ends, or if a path leaves `into`, is not portable,
    clashes with another or meets a symbolic link.
    """
    blocks = read_blocks(document)
    unnamed = [str(block.line) for block in blocks if block.name is None]
    if unnamed and not allow_unnamed:
        raise SkyproofError(
            f"{document}: {len(unnamed)} code blocks name no file, on lines {', '.join(unnamed)}",
            HOW_TO_NAME,
        )
    files = _files(document, blocks)
    if not files:
        raise SkyproofError(f"{document}: no block names a file: nothing to extract", HOW_TO_NAME)
    write_files(files, into, force=force)
    return [into / path for path in files]


def read_blocks(document: Path) -> list[Block]:
    """The fenced blocks of a CommonMark document, in order, those in lists and quotes included.

    Raises `SkyproofError` if the document is not readable UTF-8 text, or a fence is never closed,
    opens inside another of its own length, or is hidden in HTML or by its indentation.
    """
    tokens = MarkdownIt("commonmark").parse(_read(document))
    for token in tokens:
        _refuse_doubtful_fence(document, token)
    return [
        Block(_first_line(token), token.content, _name(tokens, index))
        for index, token in enumerate(tokens)
        if token.type == "fence"
    ]


def _read(document: Path) -> str:
    try:
        raw = document.read_bytes()
    except OSError as error:
        raise SkyproofError(f"{document}: {error.strerror}", "Name a Markdown file.") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SkyproofError(f"{document}:{line}: not UTF-8 text", "Save it as UTF-8.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SkyproofError(f"{document}:{line}: holds a NUL character", "Remove it.")
    return text + "\n"  # without it, the parser counts an unclosed last line as closed


def _first_line(token: Token) -> int:
    assert token.map is not None, "block tokens carry their lines"
    return token.map[0] + 1


def _refuse_doubtful_fence(document: Path, token: Token) -> None:
    """What Markdown takes for text, or for another block's content, must not get lost unseen."""
    if token.type == "fence":
        _refuse_unclosed(document, token)
        # Three spaces: a line indented deeper neither opens nor closes a fence.
        for line in _lines_of_fences(token.content, deepest=3, markup=token.markup):
            raise SkyproofError(
                f"{document}:{_first_line(token) + 1 + line}: a fence opens inside another",
                "Give the outer one more backticks than those inside.",
            )
    elif token.type in {"html_block", "code_block"} and not token.content.startswith("<!--"):
        for line in _lines_of_fences(token.content):
            raise SkyproofError(
                f"{document}:{_first_line(token) + line}: a fence is hidden in HTML or indentation",
                "Put an empty line before it and indent it less.",
            )


def _refuse_unclosed(document: Path, token: Token) -> None:
    assert token.map is not None, "block tokens carry their lines"
    start, end = token.map
    if end - start < token.content.count("\n") + 2:
        raise SkyproofError(
            f"{document}:{start + 1}: the block that opens here is never closed",
            "Close it; if it holds fences itself, give it a longer one.",
        )


def _lines_of_fences(content: str, *, deepest: float = inf, markup: str = "") -> Iterator[int]:
    for number, line in enumerate(content.split("\n")):
        fence = _FENCE.match(line)
        if fence and fence["markup"].startswith(markup) and len(fence["indent"]) <= deepest:
            yield number


def _name(tokens: Sequence[Token], index: int) -> str | None:
    token = tokens[index]
    return _name_in_info(token.info) or _name_in_content(token) or _name_before(tokens, index)


def _name_in_info(info: str) -> str | None:
    for found in _ATTRIBUTE.finditer(info):
        value = found["a"] or found["b"] or found["c"] or ""
        if found["key"] != "title" or _is_path(value):  # a title may also be a caption
            return value
    if info.startswith("{"):
        return None
    language, _, name = info.partition(" ")[0].partition(":")
    return next(filter(_is_path, [name, language, *info.split()[1:]]), None)


def _name_in_content(token: Token) -> str | None:
    comment = _COMMENT.fullmatch(token.content.partition("\n")[0])
    if comment is None:
        return None
    text = comment["text"]
    if labelled := _LABELLED.fullmatch(text):
        return labelled["name"]
    language = token.info.partition(" ")[0].lower()
    fits = text.rpartition(".")[2] in _SUFFIXES.get(language, {language})
    return text if fits and _is_path(text) else None


def _name_before(tokens: Sequence[Token], index: int) -> str | None:
    follows_text = index > 0 and tokens[index - 1].type in {"paragraph_close", "heading_close"}
    if follows_text and (name := _name_in_line(tokens[index - 2].content)):
        return name
    before = list(takewhile(lambda token: token.type != "heading_open", reversed(tokens[:index])))
    after = takewhile(lambda token: token.type != "heading_open", tokens[index + 1 :])
    alone = all(token.type != "fence" for token in (*before, *after))
    headings = [
        heading.content
        for heading, close in zip(before[1:], before, strict=False)
        if close.type == "heading_close"
    ]
    return _name_in_line(headings[0]) if alone and headings else None


def _name_in_line(text: str) -> str | None:
    """The path, if the last line of `text` says nothing else: `1. File: **a/b.tf**:`."""
    bare = re.sub(r"[*`]", "", text.rpartition("\n")[2]).strip()
    line = _LINE.fullmatch(re.sub(r"^(_{1,2})(.*)\1$", r"\2", bare))
    return line["name"] if line and _is_path(line["name"]) else None


def _is_path(word: str) -> bool:
    return word in _WITHOUT_SUFFIX or _PATH.fullmatch(word) is not None


def _files(document: Path, blocks: Sequence[Block]) -> dict[PurePosixPath, bytes]:
    """Content by path; no two of them one file to some file system, none a folder to another."""
    files: dict[PurePosixPath, bytes] = {}
    lines: dict[str, int] = {}
    for block in blocks:
        if block.name is None:
            continue
        where = f"{document}:{block.line}: {block.name!r}"
        try:
            path = safe_path(block.name)
        except ValueError as error:
            raise SkyproofError(
                f"{where} is refused: {error}", "Name a path inside the target folder."
            ) from error
        if earlier := lines.get(file_key(path)):
            raise SkyproofError(
                f"{where} is the file of line {earlier}, or differs from it in case alone",
                "Give each block a file of its own.",
            )
        lines[file_key(path)] = block.line
        files[path] = block.content.encode()
    for path in files:
        for parent in path.parents:
            if line := lines.get(file_key(parent)):
                raise SkyproofError(
                    f"{document}:{line}: {str(parent)!r} is a file and the folder of {str(path)!r}",
                    "Rename one of them.",
                )
    return files
