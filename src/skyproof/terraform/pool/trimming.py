"""Which types a command can need: every word of the configuration and the state.

Terraform decodes the schema of each of hashicorp/aws's 1,526 resource types on every command
(measured 1.2 s). A type that it needs is written in the configuration or the state, so a type whose
name is no word there can be left out. More words than types do no harm.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_-]*")
# HCL and JSON may both write a letter of a name so.
ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")
DECLARED = re.compile(rb'\b(?:resource|data|ephemeral)\s+"?([\w-]+)"?\s+"?[\w-]+"?\s*\{')
CONFIGURES = re.compile(rb'\bprovider\s+"?([\w-]+)"?\s*\{')
DECLARING = ("resource", "data", "ephemeral")
# A plan's own entries in protobuf; its configuration and states are texts beside them.
NO_TEXT = frozenset({"tfplan"})
# What Terraform itself provides.
BUILT_IN = frozenset({"terraform"})


@dataclass(frozen=True)
class Mentioned:
    """What the configuration and the state speak of.

    Attributes:
        words: every word.
        declared: the types that blocks declare.
        others: prefixes of the types of the stack's other providers.
    """

    words: frozenset[str]
    declared: frozenset[str]
    others: frozenset[str] = frozenset()

    def fits(self, types: frozenset[str]) -> bool:
        """Whether Terraform's messages stay the same with a schema that is cut.

        For a declared type that does not exist it proposes the most similar of all types.
        """
        unknown = self.declared - types
        return all(name.split("_")[0] in self.others | BUILT_IN for name in unknown)


def mentioned(folder: Path, command: Sequence[str], others: Iterable[str] = ()) -> Mentioned | None:
    """What a command in an initialised folder can speak of; ``None`` where that is not known.

    Args:
        others: the names of the stack's other providers.
    """
    if (folder / ".terraform" / "terraform.tfstate").exists():
        return None  # a backend that is configured keeps the state elsewhere
    words = _words(" ".join(command).encode())
    declared: set[str] = set()
    try:
        for name, text in _texts(folder, command):
            words |= _words(text)
            declared |= _declared_json(text) if name.endswith(".json") else _declared(text)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    return Mentioned(frozenset(words), frozenset(declared), frozenset(others))


def configured(folder: Path) -> Counter[str]:
    """How many blocks configure a provider, by its name: each makes an instance of it."""
    texts = (file.read_bytes() for module in _modules(folder) for file in module.glob("*.tf"))
    return Counter(name.decode() for text in texts for name in CONFIGURES.findall(text))


def _texts(folder: Path, command: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for module in _modules(folder):
        for pattern in ("*.tf", "*.tf.json", "*.tfquery.hcl"):
            yield from ((file.name, file.read_bytes()) for file in module.glob(pattern))
    for pattern in ("*.tfstate", "terraform.tfstate.d/*/*.tfstate"):
        yield from ((file.name, file.read_bytes()) for file in folder.glob(pattern))
    for argument in command:
        file = folder / argument.rpartition("=")[2]
        if not argument or not file.is_file():
            continue
        if zipfile.is_zipfile(file):
            yield from _plan_texts(file)
        else:
            yield file.name, file.read_bytes()


def _plan_texts(file: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as plan:
        for name in plan.namelist():
            if name not in NO_TEXT:
                yield name, plan.read(name)


def _modules(folder: Path) -> set[Path]:
    """The folder of every module that init installed, the root's included."""
    manifest = folder / ".terraform" / "modules" / "modules.json"
    if not manifest.exists():
        return {folder}
    return {folder} | {folder / one["Dir"] for one in json.loads(manifest.read_text())["Modules"]}


def _words(text: bytes) -> set[str]:
    found = {word.decode() for word in WORD.findall(text)}
    if ESCAPE.search(text):
        found |= {word.decode() for word in WORD.findall(ESCAPE.sub(_unescaped, text))}
    return found


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = int(escape[1] or escape[2], 16)
    return chr(code).encode(errors="replace") if code <= 0x10FFFF else b" "


def _declared(text: bytes) -> set[str]:
    return {name.decode() for name in DECLARED.findall(text)}


def _declared_json(text: bytes) -> set[str]:
    """The types in a ``.tf.json`` file. Raises ValueError: it is none."""
    return {name for kind in DECLARING for body in _bodies(json.loads(text), kind) for name in body}


def _bodies(content: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The objects under a key, which JSON syntax may wrap in lists."""
    for part in content if isinstance(content, list) else [content]:
        body = part.get(kind, []) if isinstance(part, dict) else []
        yield from (one for one in (body if isinstance(body, list) else [body]) if one)
