"""Recipes: a TOML file that says everything a training run depends on."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from raqam.errors import InputError
from raqam.labels import CODES
from raqam.manifest import SPECIAL_TOKENS


class RecipeError(InputError):
    """A recipe cannot be read: a setting is missing, unknown or of the wrong kind."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}", field="recipe", reason="recipe")


@dataclass(frozen=True, slots=True)
class CorpusUse:
    """A corpus in a stage. ``path`` is below the corpora folder, or ``gold`` for the annotated seeds.

    ``labels`` are the codes the corpus annotates; any other label may hide under its ``O``. ``repeat`` shows it so
    many times an epoch; ``pack`` joins CoNLL sentences up to so many tokens (0: each alone). ``part`` is ``all``, or
    of the gold ``train`` or ``held-out``: about a fifth of the articles, chosen by their ids.
    """

    path: str
    labels: tuple[str, ...] = CODES
    repeat: int = 1
    pack: int = 0
    part: str = "all"


@dataclass(frozen=True, slots=True)
class Stage:
    """One run over some corpora; the next stage goes on from its best checkpoint."""

    corpora: tuple[CorpusUse, ...]
    epochs: float
    learning_rate: float
    batch: int = 16
    warmup: float = 0.1
    evaluations: int = 0
    keep: str = "best"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A fine-tuning run.

    ``encoder`` is a folder or a hub id; ``dev`` a corpus below the corpora folder; ``window`` and ``overlap`` are in
    tokens, the special ones included; ``augmentation`` is the share of windows written in another way each epoch,
    ``heads`` the share below a line with a date, as sites put it above an article.
    """

    name: str
    version: str
    encoder: str
    dev: CorpusUse
    stages: tuple[Stage, ...]
    labels: tuple[str, ...] = CODES
    window: int = 256
    overlap: int = 64
    seed: int = 1
    augmentation: float = 0.3
    heads: float = 0.0
    dropout: float = 0.1
    attention_dropout: float = 0.0
    weight_decay: float = 0.01
    smoothing: float = 0.0
    data: tuple[dict[str, Any], ...] = field(default=())


#: By annotation: whether a value of the file fits it, and what to ask for.
_KINDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "str": (lambda value: isinstance(value, str), "a string"),
    "int": (lambda value: type(value) is int and value >= 0, "a whole number"),
    "float": (lambda value: type(value) in {int, float} and value >= 0, "a number"),
    "tuple[str, ...]": (lambda value: _is_list(value, str), "a list of strings"),
    "tuple[dict[str, Any], ...]": (lambda value: _is_list(value, dict), "a list of tables"),
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"part": ("all", "train", "held-out"), "keep": ("best", "last")}
_AT_LEAST_ONE: Final = frozenset({"batch", "repeat"})


def read_recipe(path: Path) -> Recipe:
    """Read the recipe at *path*; raises :class:`RecipeError` that names the setting."""
    values = _load(path)
    stages = _tables(path, "stage", values.pop("stage", []))
    dev = values.pop("dev", {})
    if not isinstance(dev, dict):
        raise RecipeError(path, "'dev' must be a table: [dev].")
    built = {"stages": tuple(_stage(path, stage) for stage in stages), "dev": _build(path, "[dev]", CorpusUse, dev)}
    recipe: Recipe = _build(path, "the recipe", Recipe, values, built)
    if recipe.overlap >= recipe.window - SPECIAL_TOKENS:
        raise RecipeError(path, f"'overlap' must be less than 'window' without its {SPECIAL_TOKENS} special tokens.")
    _check_labels(path, recipe)
    return recipe


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RecipeError(path, "there is no such recipe.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(path, f"not a TOML file: {error}.") from error


def _tables(path: Path, name: str, values: Any) -> list[dict[str, Any]]:
    """*values* as the tables ``[[name]]``, of which there must be at least one."""
    if not _is_list(values, dict) or not values:
        raise RecipeError(path, f"'{name}' must be at least one table: [[{name}]].")
    tables: list[dict[str, Any]] = values
    return tables


def _stage(path: Path, values: dict[str, Any]) -> Stage:
    tables = _tables(path, "stage.corpus", values.get("corpus", []))
    corpora = tuple(_build(path, "[[stage.corpus]]", CorpusUse, table) for table in tables)
    rest = {name: value for name, value in values.items() if name != "corpus"}
    stage: Stage = _build(path, "[[stage]]", Stage, rest, {"corpora": corpora})
    return stage


def _build(
    path: Path, where: str, kind: type[Any], values: dict[str, Any], built: Mapping[str, Any] | None = None
) -> Any:
    """An instance of the dataclass *kind* of checked *values*, lists as tuples, and of what is *built* already."""
    built = built or {}
    fields = {each.name: each for each in dataclasses.fields(kind) if each.name not in built}
    if unknown := values.keys() - fields.keys():
        raise RecipeError(
            path, f"{where}: unknown setting {min(unknown)!r}; allowed here: {', '.join(sorted(fields))}."
        )
    for name, each in fields.items():
        if name in values:
            _check(path, where, each, values[name])
        elif each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING:
            raise RecipeError(path, f"{where}: the setting {name!r} is missing.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}, **built)


def _check(path: Path, where: str, each: dataclasses.Field[Any], value: Any) -> None:
    holds, wanted = _KINDS[str(each.type)]
    if not holds(value) or (each.name in _AT_LEAST_ONE and not value):
        raise RecipeError(path, f"{where}: {each.name!r} must be {wanted}, not {value!r}.")
    if value not in (choices := _CHOICES.get(each.name, (value,))):
        raise RecipeError(path, f"{where}: {each.name!r} must be one of {', '.join(choices)}, not {value!r}.")


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _check_labels(path: Path, recipe: Recipe) -> None:
    uses = [recipe.dev, *(corpus for stage in recipe.stages for corpus in stage.corpora)]
    for code in {*recipe.labels, *(code for use in uses for code in use.labels)}:
        if code not in CODES:
            raise RecipeError(path, f"unknown label {code!r}; the labels are {', '.join(CODES)}.")
