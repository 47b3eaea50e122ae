from __future__ import annotations

from pathlib import Path

import pytest

from raqam.labels import CODES
from training.pretrain import PretrainRecipe
from training.recipe import RecipeError, read_recipe

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
GOOD = """
name = "toy"
version = "1"
encoder = "folder"
[dev]
path = "dev.jsonl"
[[stage]]
epochs = 2
learning_rate = 1e-4
[[stage.corpus]]
path = "train.conll"
labels = ["PER", "LOC"]
"""


def read(folder: Path, text: str) -> object:
    path = folder / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path)


def test_every_recipe_of_the_repository_is_read() -> None:
    names = {path.stem for path in CONFIGS.glob("*.toml")}
    encoders = {name for name in names if name.startswith("pretrain")}
    assert {"compact", "parsbert", "retrain"} <= names - encoders
    for name in names - encoders:
        recipe = read_recipe(CONFIGS / f"{name}.toml")
        assert recipe.stages
        assert set(recipe.labels) <= set(CODES)
    assert encoders == {"pretrain", "pretrain-2"}
    for name in encoders:
        assert PretrainRecipe.read(CONFIGS / f"{name}.toml").texts


def test_the_two_encoders_see_the_same_corpora() -> None:
    compact, parsbert = (read_recipe(CONFIGS / f"{name}.toml") for name in ("compact", "parsbert"))
    assert [stage.corpora for stage in compact.stages] == [stage.corpora for stage in parsbert.stages]
    assert compact.dev == parsbert.dev
    assert parsbert.encoder == "HooshvareLab/bert-fa-base-uncased"


def test_what_is_not_set_has_its_default(tmp_path: Path) -> None:
    recipe = read(tmp_path, GOOD)
    assert recipe == read_recipe(tmp_path / "recipe.toml")
    stage = read_recipe(tmp_path / "recipe.toml").stages[0]
    assert (stage.batch, stage.keep, stage.corpora[0].labels) == (16, "best", ("PER", "LOC"))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "toy"', "", "the recipe: the setting 'name' is missing"),
        ('name = "toy"', "nam = 3", "unknown setting 'nam'"),
        ('name = "toy"', "name = 3", "'name' must be a string, not 3"),
        ('version = "1"', 'version = "1"\nwindow = "256"', "'window' must be a whole number, not '256'"),
        ('version = "1"', 'version = "1"\nwindow = 64\noverlap = 62', "'overlap' must be less than 'window'"),
        ('version = "1"', 'version = "1"\nseed = true', "'seed' must be a whole number"),
        ('version = "1"', 'version = "1"\ndata = ["PEYMA"]', "'data' must be a list of tables"),
        ('version = "1"', 'version = "1"\nlabels = ["PRS"]', "unknown label 'PRS'"),
        ("epochs = 2", "", "[[stage]]: the setting 'epochs' is missing"),
        ("epochs = 2", 'epochs = "two"', "[[stage]]: 'epochs' must be a number"),
        ("epochs = 2", "epochs = 2\nbatch = 0", "'batch' must be a whole number, not 0"),
        ("epochs = 2", 'epochs = 2\nkeep = "first"', "'keep' must be one of best, last, not 'first'"),
        ("learning_rate", "learningrate", "unknown setting 'learningrate'"),
        ("1e-4", "-1e-4", "'learning_rate' must be a number"),
        ('path = "train.conll"', "", "[[stage.corpus]]: the setting 'path' is missing"),
        ('["PER", "LOC"]', '["PER", "CITY"]', "unknown label 'CITY'"),
        ('["PER", "LOC"]', '"PER"', "'labels' must be a list of strings"),
        ('["PER", "LOC"]', '["PER"]\npart = "held_out"', "'part' must be one of all, train, held-out"),
        ('[dev]\npath = "dev.jsonl"', "", "[dev]: the setting 'path' is missing"),
        ('[dev]\npath = "dev.jsonl"', 'dev = "dev.jsonl"', "'dev' must be a table"),
        (GOOD[GOOD.index("[[stage]]") :], "", "'stage' must be at least one table"),
        (GOOD[GOOD.index("[[stage.corpus]]") :], "", "'stage.corpus' must be at least one table"),
        ('name = "toy"', "name =", "not a TOML file"),
    ],
)
def test_a_wrong_setting_is_named(old: str, new: str, named: str, tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(RecipeError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert named in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'recipe.toml'}: ")


def test_a_recipe_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="there is no such recipe"):
        read_recipe(tmp_path / "none.toml")
