"""What the documentation names exists."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from skyproof.emulator.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "terraform/**/*.md")
    for page in ROOT.glob(pattern)
    if ".terraform" not in page.parts
)
TOP = {path.name for path in ROOT.iterdir()}
FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")


def inline_tokens(page: Path) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text()):
        yield from token.children or []


def links(page: Path) -> Iterator[str]:
    """Targets of links and pictures inside the project."""
    for token in inline_tokens(page):
        target = token.attrGet("href") or token.attrGet("src")
        if isinstance(target, str) and "://" not in target and not target.startswith("mailto:"):
            yield target


def named_files(page: Path) -> Iterator[str]:
    """Code spans that read as a path of this project: they begin with a name in its root."""
    for token in inline_tokens(page):
        name = token.content
        if token.type == "code_inline" and FILE.fullmatch(name) and name.split("/")[0] in TOP:
            yield name


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    tokens = MarkdownIt("commonmark").parse(page.read_text())
    titles = [
        tokens[index + 1].content for index, one in enumerate(tokens) if one.type == "heading_open"
    ]
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == [], f"links of {page.relative_to(ROOT)} that lead nowhere"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    missing = [name for name in named_files(page) if not (ROOT / name).exists()]
    assert missing == [], f"named in {page.relative_to(ROOT)}, but not there"


def test_every_page_of_the_documentation_can_be_reached_from_the_readme() -> None:
    reached, pending = set[Path](), [ROOT / "README.md"]
    while pending:
        page = pending.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
        pending += [target for target in targets if target.suffix == ".md" and target.is_file()]
    unreachable = {page for page in ROOT.glob("docs/**/*.md") if page not in reached}
    assert unreachable == set()


def test_the_readme_lists_the_services_that_the_emulator_has() -> None:
    text = (ROOT / "README.md").read_text()
    section = text.partition("## What is emulated")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE))
    assert listed == SERVICES, "README.md's table and src/skyproof/emulator/services differ"


def test_fidelity_is_told_in_the_services_own_words() -> None:
    page = (ROOT / "docs" / "fidelity.md").read_text()
    table = runpy.run_path(str(ROOT / "tools" / "fidelity.py"))["table"]
    assert page == table(), "run: python tools/fidelity.py"


def test_ci_runs_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text()
    run = (ROOT / ".ci" / "run").read_text()
    assert "pip install tox\ntox -e integration\n" in readme
    assert re.search(r"bin/tox\"(?: --workdir \S+)?$", run, re.MULTILINE), "CI runs plain tox"
    tox = (ROOT / "tox.ini").read_text()
    assert "env_list = lint, type, unit, integration\n" in tox, "plain tox runs all four"
