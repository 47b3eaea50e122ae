"""The command line: what it writes, what it lists on standard error, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from raqam import Annotator, Article, Record, __version__, annotator, cli, commands
from raqam.batch.streaming import BATCH_ROWS
from raqam.formats import Annotated, Format, open_writer
from raqam.formats.jsonl import json_line
from raqam.labels import CODES

TEXT = "استاندار همدان امروز آمد."
# Behind a shell's `&` a process ignores SIGINT; the tests of Ctrl-C must not depend on how they were started.
COMMAND = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from raqam.cli import main; main()",
)

Run = Callable[..., Result]


@pytest.fixture
def run(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, with the tiny model as its default."""
    monkeypatch.setenv("RAQAM_MODEL", str(tiny_model))
    return lambda *arguments, **options: CliRunner().invoke(cli.app, [str(each) for each in arguments], **options)


@pytest.fixture
def environment(tiny_model: Path) -> dict[str, str]:
    """The environment of a real process, with the tiny model as its default and no UTF-8 locale."""
    return {**os.environ, "RAQAM_MODEL": str(tiny_model), "LC_ALL": "POSIX"}


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Three articles as JSON Lines, with a bad line among them."""
    path = tmp_path / "news.jsonl"
    lines = ['{"text": "همدان", "id": "a"}', '{"text": ""}', '{"text": "علی رضایی در قم"}', f'{{"text": "{TEXT}"}}']
    path.write_text("\n".join(lines), "utf-8")
    return path


def records(output: str | bytes) -> list[dict[str, Any]]:
    content = output.decode() if isinstance(output, bytes) else output
    assert not content or content.endswith("\n")
    return [json.loads(line) for line in content.split("\n")[:-1]]


def ids(output: str | bytes) -> list[str]:
    return [record["id"] for record in records(output)]


class TestAnnotate:
    def test_writes_the_record_of_a_text_file(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text(TEXT, "utf-8")
        result = run("annotate", tmp_path / "a.txt")
        (record,) = records(result.stdout)
        assert (result.exit_code, result.stderr) == (0, "")
        assert (record["id"], record["model"], record["facts"]) == ("a.txt", "tiny@1", [])
        assert [(span["label"], span["text"]) for span in record["spans"]] == [
            ("TTL", "استاندار"),
            ("LOC", "همدان"),
            ("DAT", "امروز"),
        ]
        assert all(TEXT[span["start"] : span["end"]] == span["text"] for span in record["spans"])

    def test_lists_what_cannot_be_annotated_and_writes_the_rest(self, run: Run, news: Path) -> None:
        result = run("annotate", news)
        assert result.exit_code == 1
        assert ids(result.stdout) == ["a", "news.jsonl:3", "news.jsonl:4"]
        assert result.stderr == (
            f"{news}:2: 'text' is blank: there is nothing to annotate.\n1 of 4 could not be annotated.\n"
        )

    def test_keeps_the_order_of_inputs(self, run: Run, news: Path, tmp_path: Path) -> None:
        (tmp_path / "z.txt").write_text(TEXT, "utf-8")
        table = tmp_path / "table.csv"
        table.write_text(f"text,id\n{TEXT},y\n", "utf-8")
        result = run("annotate", tmp_path / "z.txt", table, "-", tmp_path, input='{"text": "قم"}\n')
        rest = ["a", "news.jsonl:3", "news.jsonl:4"]  # of the folder: what was not named before
        assert ids(result.stdout) == ["z.txt", "y", "stdin:1", *rest]

    def test_batches_give_the_same_as_one_by_one(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        texts = [f"{TEXT} علی رضایی {number} میلیارد تومان. " * (number % 7 + 1) for number in range(40)]
        (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        together = run("annotate", tmp_path / "a.jsonl").stdout
        monkeypatch.setattr(annotator, "_CHARACTERS", 1)
        assert run("annotate", tmp_path / "a.jsonl", "--threads", 1).stdout == together
        assert len(records(together)) == 40

    def test_an_input_that_is_missing_costs_only_itself(self, run: Run, news: Path, tmp_path: Path) -> None:
        result = run("annotate", tmp_path / "absent.txt", news)
        assert result.exit_code == 1
        assert len(records(result.stdout)) == 3
        assert f"{tmp_path / 'absent.txt'}: there is no such file or folder." in result.stderr
        assert result.stderr.endswith("2 of 5 could not be annotated.\n")

    def test_without_any_input_that_exists(self, run: Run, tmp_path: Path) -> None:
        result = run("annotate", tmp_path / "a.txt", tmp_path / "b.csv")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.count("there is no such file or folder.\n") == 2

    def test_no_rows_are_no_failure(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "a.jsonl").touch()
        assert run("annotate", tmp_path / "a.jsonl").exit_code == 0


class TestOutput:
    def test_to_a_file(self, run: Run, news: Path, tmp_path: Path) -> None:
        output = tmp_path / "records"
        output.write_text("something older and longer than a record" * 1000, "utf-8")
        result = run("annotate", news, "-o", output, "--format", "jsonl")
        assert (result.exit_code, result.stdout) == (1, "")
        assert ids(output.read_bytes()) == ["a", "news.jsonl:3", "news.jsonl:4"]

    def test_a_dash_is_standard_output(self, run: Run, news: Path) -> None:
        assert len(records(run("annotate", news, "-o", "-").stdout)) == 3

    @pytest.mark.parametrize("name", ["news.jsonl", "other.jsonl"])
    def test_that_is_an_input_is_refused(self, run: Run, news: Path, name: str) -> None:
        (news.parent / "other.jsonl").hardlink_to(news)
        before = news.read_bytes()
        result = run("annotate", news.parent, "--output", news.parent / name)
        assert result.exit_code == 2
        assert "is also the output; write to another file." in result.stderr
        assert news.read_bytes() == before

    def test_that_cannot_be_opened(self, run: Run, news: Path, tmp_path: Path) -> None:
        output = tmp_path / "absent" / "out"
        result = run("annotate", news, "-o", output)
        assert (result.exit_code, result.stderr) == (2, f"{output}: cannot be written: No such file or directory.\n")

    def test_that_is_a_folder_is_refused(self, run: Run, news: Path, tmp_path: Path) -> None:
        (tmp_path / "docs").mkdir()
        result = run("annotate", news, "-o", tmp_path / "docs")
        assert (result.exit_code, "is a folder that was there before" in result.stderr) == (2, True)
        result = run("annotate", news, "-o", tmp_path)
        assert (result.exit_code, "is also the output" in result.stderr, news.exists()) == (2, True, True)

    @pytest.mark.parametrize("format", ["brat", "xlsx"])
    def test_of_standard_input_that_is_a_folder_is_refused(self, run: Run, tmp_path: Path, format: str) -> None:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "thesis.txt").write_text("years of work")
        result = run("annotate", "-", "-o", tmp_path / "docs", "--format", format, input=TEXT)
        assert (result.exit_code, "is a folder that was there before" in result.stderr) == (2, True)
        assert (tmp_path / "docs" / "thesis.txt").exists()

    @pytest.mark.parametrize("name", ["out.rejected.jsonl", "out.manifest.jsonl", "out.parts/a.jsonl"])
    def test_an_input_that_lies_where_the_run_writes_is_refused(self, run: Run, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"text": "قم"}', "utf-8")
        result = run("annotate", path, "-o", tmp_path / "out")
        assert (result.exit_code, "is also the output" in result.stderr, path.exists()) == (2, True, True)

    def test_a_link_stays_a_link(self, run: Run, news: Path, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        link = tmp_path / "out.jsonl"
        link.symlink_to(tmp_path / "disk" / "out.jsonl")
        run("annotate", news, "-o", link)
        assert link.is_symlink()
        assert len(records((tmp_path / "disk" / "out.jsonl").read_bytes())) == 3

    def test_a_pipe_is_written_to(self, environment: dict[str, str], news: Path, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen([*COMMAND, "annotate", str(news), "-o", str(pipe), "-q"], env=environment) as process:
            assert len(records(pipe.read_bytes())) == 3
        assert (process.returncode, pipe.is_fifo()) == (1, True)

    @pytest.mark.parametrize("name", [".", "/", ""])
    def test_without_a_name_is_refused(self, run: Run, news: Path, name: str) -> None:
        result = run("annotate", news, "-o", name)
        assert (result.exit_code, result.exception.__class__) == (2, SystemExit)

    @pytest.mark.parametrize("format", ["brat", "jsonl", "xlsx"])
    def test_a_run_does_not_read_what_it_wrote(self, run: Run, tmp_path: Path, format: str) -> None:
        (tmp_path / "a.txt").write_text(TEXT, "utf-8")
        (tmp_path / "b.jsonl").write_text('{"text": ""}\n', "utf-8")
        for inputs in ([tmp_path], [f"{tmp_path}/**/*.*"]):
            results = [run("annotate", *inputs, "-o", tmp_path / "out", "--format", format) for _ in range(3)]
            assert {result.exit_code for result in results} == {1}
            assert {result.stderr for result in results[1:]} == {results[1].stderr}
            assert results[1].stderr.startswith("1 of 2 could not be annotated.")

    def test_a_standard_error_that_is_full_ends_no_work(
        self, environment: dict[str, str], news: Path, tmp_path: Path
    ) -> None:
        with Path("/dev/full").open("wb") as full:
            command = [*COMMAND, "annotate", str(news), "-o", str(tmp_path / "out")]
            done = subprocess.run(command, stderr=full, env=environment, check=False)
        assert (done.returncode, len(records((tmp_path / "out").read_bytes()))) == (1, 3)

    def test_for_a_format_that_is_a_file(self, run: Run, news: Path) -> None:
        result = run("annotate", news, "--format", "xlsx")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "The format xlsx is not for standard output; name a file with -o.\n"

    def test_of_standard_input_in_a_format_that_is_a_folder(self, run: Run, tmp_path: Path) -> None:
        output = tmp_path / "out"
        assert run("annotate", "-", "-o", output, "--format", "brat", input=TEXT).exit_code == 0
        assert (output / "annotation.conf").is_file()
        assert not list(tmp_path.glob(".*"))

    def test_what_is_rejected_is_listed_beside_it(self, run: Run, news: Path, tmp_path: Path) -> None:
        result = run("annotate", news, "-o", tmp_path / "out")
        listed = tmp_path / "out.rejected.jsonl"
        assert result.stderr == (
            f"{news}:2: 'text' is blank: there is nothing to annotate.\n"
            f"1 of 4 could not be annotated. They are listed in {listed}.\n"
        )
        (row,) = records(listed.read_bytes())
        assert (row["source"], row["line"], row["reason"]) == (str(news), 2, "blank")

    def test_the_suffix_tells_the_format(self, run: Run, news: Path, tmp_path: Path) -> None:
        run("annotate", news, "-o", tmp_path / "figures.csv")
        assert (tmp_path / "figures.csv").read_text("utf-8-sig").startswith("article,date,place,")

    def test_a_run_after_a_run_does_nothing(self, run: Run, news: Path, tmp_path: Path) -> None:
        first = run("annotate", news, "-o", tmp_path / "out", "--summary")
        inode = (tmp_path / "out").stat().st_ino
        again = run("annotate", news, "-o", tmp_path / "out", "--summary")
        assert (again.exit_code, (tmp_path / "out").stat().st_ino) == (1, inode)
        assert again.stderr.splitlines()[-3:] == first.stderr.splitlines()[-3:]

    def test_an_unusable_model_leaves_the_output_as_it_was(self, run: Run, news: Path, tmp_path: Path) -> None:
        output = tmp_path / "records"
        output.write_text("before", "utf-8")
        assert run("annotate", news, "-o", output, "--model", tmp_path / "absent").exit_code == 2
        assert output.read_text("utf-8") == "before"

    def test_an_interrupt_waits_for_the_end_of_the_line(self) -> None:
        class Interrupted(io.BytesIO):
            def write(self, content: Any) -> int:
                half = super().write(content[:10])
                signal.raise_signal(signal.SIGINT)
                return half + super().write(content[10:])

        before = signal.getsignal(signal.SIGINT)
        output = Interrupted()
        record = Record("a", "m@1", ())
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt), open_writer(Format.JSONL, output) as writer:
                writer.write([Annotated(Article("قم", "a"), record)] * 2)
        finally:
            signal.signal(signal.SIGINT, before)
        assert output.getvalue() == json_line(record) * 2


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [["annotate"], ["annotate", "a.txt", "--format", "xml"], ["annotate", "a.txt", "--threads", "0"], ["guess"]],
        ids=" ".join,
    )
    def test_wrong(self, run: Run, arguments: list[str]) -> None:
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Usage" in result.stderr

    @pytest.mark.parametrize("command", [[], ["annotate"], ["labels"], ["model"]], ids="".join)
    def test_help_has_an_example(self, run: Run, command: list[str]) -> None:
        result = run(*command, "--help")
        assert result.exit_code == 0
        assert " ".join(["\n   raqam", *command]) in result.stdout

    def test_version(self, run: Run) -> None:
        assert run("--version").stdout == f"raqam {__version__}\n"

    def test_labels(self, run: Run) -> None:
        lines = run("labels").stdout.splitlines()
        assert [line[:3] for line in lines if line[:1].isupper()] == list(CODES)


class TestModel:
    def test_says_what_it_is(self, run: Run, tiny_model: Path) -> None:
        result = run("model", "--model", tiny_model)
        lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
        assert result.exit_code == 0
        assert (lines["name"], lines["version"], lines["score"]) == ("tiny", "1", "f1: 0.5")
        assert len(lines["sha256"]) == 64

    @pytest.mark.parametrize("command", ["model", "annotate"])
    def test_that_is_missing(self, run: Run, news: Path, tmp_path: Path, command: str) -> None:
        inputs = [news] if command == "annotate" else []
        result = run(command, *inputs, "--model", tmp_path / "absent")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"There is no model folder at {tmp_path / 'absent'}.\n"

    def test_that_was_tampered_with(self, run: Run, news: Path, tiny_model: Path, tmp_path: Path) -> None:
        folder = shutil.copytree(tiny_model, tmp_path / "model")
        with (folder / "tokenizer.json").open("ab") as file:
            file.write(b" ")
        result = run("annotate", news, "--model", folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "tokenizer.json" in result.stderr
        assert result.stderr.count("\n") == 1


class TestProgress:
    @pytest.mark.parametrize(
        ("terminal", "target", "shown"),
        [(True, None, False), (False, None, True), (True, Path("out"), True), (False, Path("out"), True)],
    )
    def test_is_for_where_no_records_are_shown(
        self, monkeypatch: pytest.MonkeyPatch, terminal: bool, target: Path | None, shown: bool
    ) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
        assert commands._may_show(target) is shown


class TestOptions:
    def test_columns_are_named(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "خروجی.csv"
        path.write_text("پیوند;متن;روز\nhttps://example.com/1;علی رضایی در قم;2025-09-25\n", "utf-8")
        options = ["--text-column", "متن", "--id-column", "پیوند", "--published-column", "روز"]
        result = run("annotate", path, *options)
        assert (result.exit_code, ids(result.stdout)) == (0, ["https://example.com/1"])

    def test_an_encoding_is_named(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("استاندار همدان", "cp1256", errors="replace")
        (record,) = records(run("annotate", path, "--encoding", "windows-1256").stdout)
        assert record["spans"][0]["text"] == "استاندار"

    def test_strict_stops_at_the_first_bad_row(self, run: Run, news: Path) -> None:
        result = run("annotate", news, "--strict")
        assert (result.exit_code, ids(result.stdout)) == (1, ["a"])
        assert result.stderr.splitlines()[-1] == "Nothing is annotated behind it, as --strict asks."

    def test_strict_leaves_no_output(self, run: Run, news: Path, tmp_path: Path) -> None:
        result = run("annotate", news, "--strict", "-o", tmp_path / "out", "--shard-rows", 1)
        assert (result.exit_code, (tmp_path / "out").exists()) == (1, False)
        assert "'text' is blank" in result.stderr
        news.write_text(news.read_text("utf-8").replace('""', '"قم"'), "utf-8")
        assert run("annotate", news, "--strict", "-o", tmp_path / "out", "--shard-rows", 1).exit_code == 0
        assert len(records((tmp_path / "out").read_bytes())) == 4

    def test_a_cluster_is_not_for_standard_input(self, run: Run, tmp_path: Path) -> None:
        result = run("annotate", "-", "-o", tmp_path / "out", "--engine", "ray", input=TEXT)
        assert (result.exit_code, "needs inputs and an output that are files" in result.stderr) == (2, True)

    def test_a_summary_counts_what_was_found(self, run: Run, news: Path) -> None:
        result = run("annotate", news, "--summary")
        rows = [line.split() for line in result.stderr.splitlines()]
        assert ["LOC", "location", "3"] in rows
        assert rows[-1][:2] == ["3", "articles,"]


class TestProcess:
    def test_module_reads_standard_input_in_any_locale(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "raqam", "annotate", "-"]
        done = subprocess.run(command, input=TEXT.encode(), capture_output=True, env=environment, check=True)
        assert ids(done.stdout) == ["stdin"]
        assert records(done.stdout)[0]["spans"][1]["text"] == "همدان"
        assert done.stderr == b""

    def test_standard_output_that_is_an_input_is_refused(self, environment: dict[str, str], news: Path) -> None:
        before = news.read_bytes()
        with news.open("ab") as output:
            done = subprocess.run(
                [*COMMAND, "annotate", str(news)], stdout=output, stderr=subprocess.PIPE, env=environment, check=False
            )
        assert done.returncode == 2
        assert done.stderr.decode().endswith("is also the output; write to another file.\n")
        assert news.read_bytes() == before

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
    @pytest.mark.parametrize("option", [[], ["-o", "/dev/full"]], ids=["stdout", "file"])
    def test_a_full_device_is_one_sentence(self, environment: dict[str, str], news: Path, option: list[str]) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "annotate", str(news), *option],
                stdout=full,
                stderr=subprocess.PIPE,
                env=environment,
                check=False,
            )
        place = "/dev/full" if option else "standard output"
        assert done.stderr.decode() == f"{place}: cannot be written: No space left on device.\n"
        assert done.returncode == 2

    def test_a_closed_output_is_one_sentence(self, environment: dict[str, str], news: Path) -> None:
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "annotate", str(news)],
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
        assert (done.returncode, done.stderr) == (2, b"standard output: cannot be written: it is closed.\n")

    def test_a_reader_that_goes_away_ends_it_quietly(self, environment: dict[str, str], tmp_path: Path) -> None:
        path = tmp_path / "many.jsonl"
        path.write_text((json.dumps({"text": TEXT}) + "\n") * 2000, "utf-8")
        with subprocess.Popen(
            [*COMMAND, "annotate", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert ids(process.stdout.readline()) == ["many.jsonl:1"]
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 141

    def test_ctrl_c_leaves_whole_lines(self, environment: dict[str, str], tmp_path: Path) -> None:
        output = tmp_path / "records.jsonl"
        with subprocess.Popen(
            [*COMMAND, "annotate", "-", "-o", str(output)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            process.stdin.write((json.dumps({"text": TEXT}) + "\n").encode() * (BATCH_ROWS + 5))
            process.stdin.flush()
            wait_for_lines(output, BATCH_ROWS)
            process.send_signal(signal.SIGINT)
            message = process.stderr.read().decode()
        assert process.returncode == 130
        assert message == f"Interrupted: {BATCH_ROWS} annotated articles are written, the rest is not.\n"
        assert ids(output.read_bytes()) == [f"stdin:{line}" for line in range(1, BATCH_ROWS + 1)]


def wait_for_lines(path: Path, count: int) -> None:
    for _ in range(600):
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.1)
    pytest.fail(f"{path} did not get {count} lines within a minute.")


def test_an_article_that_breaks_the_annotator_costs_only_itself(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(
        "".join(json.dumps({"id": name, "text": name}) + "\n" for name in ("good", "bad", "fine")), encoding="utf-8"
    )
    annotate = Annotator.finish

    def break_on_bad(self: Annotator, prepared: Any, blocks: Any) -> Record:
        if prepared.article.text == "bad":
            raise RuntimeError("a mistake of our own")
        return annotate(self, prepared, blocks)

    monkeypatch.setattr(Annotator, "finish", break_on_bad)
    result = run("annotate", str(path))
    assert (result.exit_code, ids(result.stdout)) == (1, ["good", "fine"])
    assert "bad: could not be annotated (RuntimeError)" in result.stderr
    assert "a mistake of our own" not in result.stderr
