from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.errors import SkyproofError
from skyproof.extract import extract, read_blocks


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "plan.md"


def names(document: Path, text: str) -> list[str | None]:
    document.write_text(text, encoding="utf-8")
    return [block.name for block in read_blocks(document)]


def refusal(document: Path, text: str | bytes, **options: bool) -> SkyproofError:
    """The error for `text`, after a look that nothing was left beside the document."""
    document.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SkyproofError) as caught:
        extract(document, document.parent / "out", **options)
    assert list(document.parent.iterdir()) == [document]
    assert caught.value.hint, "an error names the way out"
    return caught.value


@pytest.mark.parametrize(
    "info",
    [
        'hcl title="a/main.tf"',
        "hcl title='a/main.tf'",
        "hcl title=a/main.tf {1,3-5}",
        "hcl filename=a/main.tf",
        'hcl {file="a/main.tf"}',
        '{.hcl .numbered path="a/main.tf"}',
        "hcl a/main.tf",
        "hcl showLineNumbers a/main.tf",
        "hcl:a/main.tf",
        "a/main.tf",
    ],
)
def test_the_info_string_names_the_file(document: Path, info: str) -> None:
    assert names(document, f"```{info}\nx\n```\n") == ["a/main.tf"]


@pytest.mark.parametrize(
    ("language", "first_line"),
    [
        ("hcl", "# file: a/main.tf"),
        ("hcl", "# filename: a/main.tf"),
        ("hcl", "// File: a/main.tf"),
        ("hcl", "/* path: a/main.tf */"),
        ("sql", "-- file: a/main.tf"),
        ("html", "<!-- file: a/main.tf -->"),
        ("hcl", "# a/main.tf"),
        ("terraform", "# a/main.tf"),
    ],
)
def test_a_comment_in_the_first_line_names_the_file_and_stays_in_it(
    document: Path, language: str, first_line: str
) -> None:
    document.write_text(f"```{language}\n{first_line}\nx\n```\n")
    [path] = extract(document, document.parent / "out")
    assert path.relative_to(document.parent / "out").as_posix() == "a/main.tf"
    assert path.read_text() == f"{first_line}\nx\n"


@pytest.mark.parametrize(
    "before",
    [
        "### a/main.tf\n",
        "### `a/main.tf`\n",
        "### 1. a/main.tf\n",
        "#### File: a/main.tf\n",
        "a/main.tf\n=========\n",
        "**a/main.tf**\n",
        "**`a/main.tf`**:\n\n",
        "**File:** `a/main.tf`\n",
        "__a/main.tf__\n",
        "The root module.\n`a/main.tf`:\n",
        "- `a/main.tf`\n\n  ",
    ],
)
def test_the_line_before_names_the_file(document: Path, before: str) -> None:
    indent = "  " if before.startswith("-") else ""
    assert names(document, f"{before}```hcl\n{indent}x\n{indent}```\n") == ["a/main.tf"]


@pytest.mark.parametrize(
    "name", ["__init__.py", "a/__main__.py", "_private.py", ".gitignore", "Makefile"]
)
def test_underscores_dots_and_bare_names_survive_in_a_heading(document: Path, name: str) -> None:
    assert names(document, f"### {name}\n```\nx\n```\n") == [name]


def test_a_heading_names_a_block_further_down_when_it_is_the_only_one(document: Path) -> None:
    text = "## main.tf\n\nSets up the provider.\n\n```hcl\nx\n```\n\n## Next\n\n```sh\ny\n```\n"
    assert names(document, text) == ["main.tf", None]


def test_a_heading_does_not_choose_between_two_blocks(document: Path) -> None:
    text = "## main.tf\n\nFirst run\n\n```sh\ny\n```\n\nthen write\n\n```hcl\nx\n```\n"
    assert names(document, text) == [None, None]


def test_the_name_nearest_to_the_code_wins(document: Path) -> None:
    text = "### c.tf\n```hcl b.tf\n# file: a.tf\n```\n\n### d.tf\n```hcl\n# file: e.tf\n```\n"
    assert names(document, text) == ["b.tf", "e.tf"]


@pytest.mark.parametrize(
    "text",
    [
        "```hcl\nx\n```\n",
        '```hcl title="What a queue looks like"\nx\n```\n',
        "```python\n# 3.11\n```\n",
        "```python\n# boto3.client\n```\n",
        "```bash\n#!/bin/bash\n```\n",
        "Edit `main.tf` first:\n```hcl\nx\n```\n",
        "### main.tf and outputs.tf\n```hcl\nx\n```\n",
        "{.hcl}\n```{.hcl .numbered}\nx\n```\n",
    ],
)
def test_what_is_no_path_names_nothing(document: Path, text: str) -> None:
    assert names(document, text) == [None]


def test_fences_of_every_kind_keep_their_content(document: Path) -> None:
    document.write_text(
        "````md title=README.md\n```hcl\ninner\n```\n````\n\n"
        "~~~python a.py\n```\n\n\tx\n~~~\n\n"
        "1. first\n\n   ```sh run.sh\n   echo\n     indented\n   ```\n\n"
        "> ```hcl b.tf\n> quoted\n> ```\n\n"
        "```text empty.txt\n```\n"
        "`````yaml c.yaml\n    ```\nend: 1\n``````"
    )
    out = document.parent / "out"
    extract(document, out)
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "README.md": "```hcl\ninner\n```\n",
        "a.py": "```\n\n\tx\n",
        "run.sh": "echo\n  indented\n",
        "b.tf": "quoted\n",
        "empty.txt": "",
        "c.yaml": "    ```\nend: 1\n",
    }


def test_crlf_becomes_lf_and_a_byte_order_mark_goes(document: Path) -> None:
    document.write_bytes("\ufeff```sh run.sh\r\n#!/bin/sh\r\n\r\necho ü\r\n```\r\n".encode())
    [path] = extract(document, document.parent / "out")
    assert path.read_bytes() == "#!/bin/sh\n\necho ü\n".encode()


def test_paths_come_back_in_the_order_of_the_document(document: Path) -> None:
    document.write_text("```z.tf\n```\n```a/b.tf\n```\n")
    out = document.parent / "deep" / "out"
    assert extract(document, out) == [out / "z.tf", out / "a/b.tf"]


def test_unnamed_blocks_are_listed_by_line(document: Path) -> None:
    error = refusal(
        document, "```hcl a.tf\nx\n```\n\n```console\n$ ls\n```\n\n- x\n\n  ~~~\n  y\n  ~~~\n"
    )
    assert "2 code blocks name no file, on lines 5, 11" in error.what
    assert "--allow-unnamed" in error.hint


def test_unnamed_blocks_can_be_left_out(document: Path) -> None:
    document.write_text("```hcl a.tf\nx\n```\n\n```console\n$ ls\n```\n")
    out = document.parent / "out"
    assert extract(document, out, allow_unnamed=True) == [out / "a.tf"]


@pytest.mark.parametrize("text", ["", "# Only prose\n", "    indented\n", "```text\nx\n```\n"])
def test_nothing_to_extract_is_an_error(document: Path, text: str) -> None:
    assert "nothing to extract" in refusal(document, text, allow_unnamed=True).what


@pytest.mark.parametrize(
    "text",
    [
        "```hcl a.tf\nx\n",
        "```hcl a.tf\nx",
        "```hcl a.tf\nx\n\n\n",
        "```hcl a.tf",
        "````hcl a.tf\nx\n```\n",
        "- ```hcl a.tf\n  x\n\nprose\n",
        # A fence inside one of its own length ends it early and leaves a stray one behind.
        "```md a.md\n~~~\nx\n~~~\n```\n\n```\n",
    ],
)
def test_a_block_that_never_ends_is_an_error(document: Path, text: str) -> None:
    assert "is never closed" in refusal(document, text).what


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("```md a.md\n\n```hcl b.tf\nx\n```\n```\n", 3),
        ("~~~md a.md\n~~~~hcl b.tf\nx\n~~~~\n", 2),
    ],
)
def test_a_fence_inside_one_of_its_own_length_is_an_error(
    document: Path, text: str, line: int
) -> None:
    error = refusal(document, text)
    assert f"plan.md:{line}: a fence opens inside another" in error.what


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<details>\n```hcl a.tf\nx\n```\n</details>\n", 2),
        ("text\n\n    ```hcl a.tf\n    x\n    ```\n", 3),
    ],
)
def test_a_fence_that_markdown_takes_for_something_else_is_an_error(
    document: Path, text: str, line: int
) -> None:
    assert f"plan.md:{line}: a fence is hidden" in refusal(document, text).what


def test_what_is_commented_out_is_left_out(document: Path) -> None:
    assert names(document, "<!--\n```hcl a.tf\nx\n```\n-->\n\n```hcl b.tf\ny\n```\n") == ["b.tf"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.tf", "a.tf"),
        ("a.tf", "A.TF"),
        ("caf\u00e9.tf", "cafe\u0301.tf"),
        ("straße.tf", "STRASSE.tf"),
    ],
)
def test_two_blocks_for_one_file_are_an_error(document: Path, one: str, other: str) -> None:
    error = refusal(document, f"```hcl {one}\nx\n```\n\n```hcl {other}\nx\n```\n")
    assert "plan.md:5:" in error.what
    assert "is the file of line 1" in error.what


@pytest.mark.parametrize("order", [("a.d", "A.d/b.tf"), ("a.d/b/c.tf", "a.D")])
def test_a_file_that_is_also_a_folder_is_an_error(document: Path, order: tuple[str, str]) -> None:
    text = "".join(f"```hcl {name}\nx\n```\n" for name in order)
    assert "is a file and the folder of" in refusal(document, text).what


@pytest.mark.parametrize(
    "name",
    ["../a.tf", "a/../../b.tf", "/etc/passwd", "C:\\a.tf", "C:/a.tf", "a\\..\\b.tf", "~/a.tf"],
)
@pytest.mark.parametrize(
    "spelling", ["```{}\nx\n```\n", '```hcl title="{}"\nx\n```\n', "### {}\n```\nx\n```\n"]
)
def test_a_path_that_leaves_the_folder_is_an_error(
    document: Path, name: str, spelling: str
) -> None:
    good = "```hcl good.tf\nx\n```\n\n"
    error = refusal(document, good + spelling.format(name))
    assert "is refused" in error.what, f"{name!r} was not refused as a path: {error.what}"
    assert "plan.md:" in error.what


def test_a_document_that_cannot_be_read_is_an_error(document: Path) -> None:
    with pytest.raises(SkyproofError, match=re.escape(str(document))):
        extract(document, document.parent / "out")
    with pytest.raises(SkyproofError, match=re.escape(str(document.parent))):
        extract(document.parent, document.parent / "out")


def test_a_document_that_is_no_text_is_an_error_with_its_line(document: Path) -> None:
    assert "plan.md:2: not UTF-8" in refusal(document, b"```a.tf\n\xff\n```\n").what
    assert "plan.md:3: holds a NUL" in refusal(document, b"```a.tf\nx\n\0\n```\n").what


segment = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True).filter(
    lambda text: not re.fullmatch(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", text)
)
file_names = st.builds(
    lambda folders, stem: "/".join([*(f"d-{folder}" for folder in folders), f"{stem}.tf"]),
    st.lists(segment, max_size=3),
    segment,
)
# Line separators that Python's splitlines knows and Markdown does not are part of a line.
contents = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")).map(
    lambda text: text and text.removesuffix("\n") + "\n"
)


def fenced(name: str, content: str, mark: str) -> str:
    longest = max(map(len, re.findall(f"{mark}+", content)), default=0)
    fence = mark * max(3, longest + 1)
    return f"{fence}hcl {name}\n{content}{fence}\n"


@given(st.dictionaries(file_names, contents, min_size=1, max_size=5), st.sampled_from("`~"))
def test_what_is_written_into_a_document_comes_out_of_it(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, str], mark: str
) -> None:
    folder = tmp_path_factory.mktemp("round-trip")
    document, out = folder / "plan.md", folder / "out"
    text = "\n".join(fenced(name, content, mark) for name, content in files.items())
    document.write_bytes(text.encode())
    written = extract(document, out)
    assert {
        path.relative_to(out).as_posix(): path.read_bytes().decode() for path in written
    } == files
    assert sorted(path for path in out.rglob("*") if path.is_file()) == sorted(written)
