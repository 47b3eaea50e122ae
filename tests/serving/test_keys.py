from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.keys import AccessError, Key, Keys, check_access, checksum, create, is_loopback, main, read, well_formed
from serving.settings import Settings

HASH = "0" * 64


def written(path: Path, *keys: Key) -> Path:
    path.write_text("".join(f"{key.line()}\n" for key in keys), "utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_key_is_found_and_the_file_does_not_have_it(file: Path) -> None:
    (text, key), (other, _) = create("annotate", "the newsroom"), create("annotate")
    keys = Keys(written(file, key))
    assert keys.find(text.encode()) == key
    assert keys.find(other.encode()) is None
    assert text not in file.read_text("utf-8")
    assert text.rpartition("_")[2] not in file.read_text("utf-8")


def test_keys_are_not_alike() -> None:
    made = [create("annotate") for _ in range(1000)]
    assert len({text for text, _ in made}) == len({key.digest for _, key in made}) == 1000
    assert all(re.fullmatch(r"raqam_[0-9a-z]{8}_[0-9A-Za-z]{51}", text) for text, _ in made)
    assert len({letter for text, _ in made for letter in text[15:58]}) == 62


def test_what_is_nearly_a_key_is_none(file: Path) -> None:
    text, key = create("admin")
    keys, sent = Keys(written(file, key)), text.encode()
    changed = [sent[:at] + bytes([sent[at] ^ bit]) + sent[at + 1 :] for at in range(len(sent)) for bit in (1, 32)]
    mended = [each[:58] + checksum(each[:58]).encode() for each in changed]
    cut = [sent[:at] for at in range(len(sent))]
    for wrong in (
        *changed,
        *cut,
        sent + b"0",
        b" " + sent,
        sent + b"\n",
        sent.upper(),
        sent.lower(),
        sent[6:],
        b"\xff",
    ):
        assert keys.find(wrong) is None
    for wrong in mended:
        assert wrong == sent or keys.find(wrong) is None
    assert keys.find(key.digest.hex().encode()) is None
    assert keys.find(key.line().encode()) is None


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_refused(sent: bytes) -> None:
    assert not well_formed(sent)


def test_the_checksum_finds_every_wrong_letter() -> None:
    text = create("annotate")[0].encode()
    assert well_formed(text)
    for at in range(len(text)):
        assert not well_formed(text[:at] + (b"b" if text[at : at + 1] == b"a" else b"a") + text[at + 1 :])


def test_an_admin_may_annotate_and_not_the_other_way_round() -> None:
    admin, annotate = create("admin")[1], create("annotate")[1]
    assert admin.allows("admin")
    assert admin.allows("annotate")
    assert annotate.allows("annotate")
    assert not annotate.allows("admin")


def test_a_line_is_read_as_it_was_written(file: Path) -> None:
    keys = [create("annotate", "a  comment\nof two lines")[1], create("admin")[1]]
    assert list(read(written(file, *keys)).values()) == keys
    assert keys[0].comment == "a comment of two lines"


def test_comments_and_blank_lines_are_no_keys(file: Path) -> None:
    file.write_text(f"# the newsroom\n\n  \nabcdefgh admin sha256 {HASH} its key # 1\n", "utf-8")
    assert read(file) == {"abcdefgh": Key("abcdefgh", "admin", bytes(32), "its key # 1")}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("abcdefgh", "the scope must be annotate, correct or admin"),
        (f"ABCDEFGH admin sha256 {HASH}", "the id must be"),
        (f"abcdefg admin sha256 {HASH}", "the id must be"),
        (f"abcdefgh root sha256 {HASH}", "the scope must be annotate, correct or admin"),
        (f"abcdefgh admin md5 {HASH}", "'sha256' and its 64 digits"),
        (f"abcdefgh admin sha256 {HASH[1:]}", "'sha256' and its 64 digits"),
        (f"abcdefgh admin sha256 {HASH.replace('0', 'A')}", "'sha256' and its 64 digits"),
        (f"abcdefgi admin sha256 {HASH}", "abcdefgi is there twice"),
    ],
)
def test_a_wrong_line_is_named_and_not_shown(file: Path, line: str, says: str) -> None:
    file.write_text(f"abcdefgi admin sha256 {HASH}\n{line}\n", "utf-8")
    with pytest.raises(AccessError, match=re.escape(f"{file}, line 2: ")) as caught:
        read(file)
    assert says in str(caught.value)
    assert HASH[1:] not in str(caught.value)


def test_a_key_in_the_file_of_hashes_is_not_shown(file: Path) -> None:
    text, _ = create("annotate")
    file.write_text(text, "utf-8")
    with pytest.raises(AccessError) as caught:
        read(file)
    assert text not in str(caught.value)


def test_a_file_that_cannot_be_used(file: Path) -> None:
    with pytest.raises(AccessError, match="cannot be read: No such file"):
        Keys(file)
    file.write_bytes(b"\xff")
    with pytest.raises(AccessError, match="not UTF-8"):
        Keys(file)
    file.write_bytes(b"# none yet\n")
    with pytest.raises(AccessError, match="keys new --scope annotate"):
        Keys(file)


def test_a_change_is_noticed(file: Path) -> None:
    (first, revoked), (second, added) = create("annotate"), create("annotate")
    keys = Keys(written(file, revoked))
    replacement = written(file.with_name("new"), added)
    os.replace(replacement, file)
    until = time.monotonic() + 60
    while keys.find(second.encode()) is None and time.monotonic() < until:
        time.sleep(0.05)
    assert keys.find(second.encode()) == added
    assert keys.find(first.encode()) is None


def test_a_change_that_cannot_be_used_changes_nothing(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    text, key = create("annotate")
    keys = Keys(written(file, key))
    file.write_text("abcdefgh\n", "utf-8")
    assert not keys.reload()
    assert "line 1" in caplog.text
    file.unlink()
    assert not keys.reload()
    assert keys.find(text.encode()) == key


def test_a_file_without_a_key_any_more_lets_nobody_in(file: Path) -> None:
    text, key = create("annotate")
    keys = Keys(written(file, key))
    file.write_text("# all revoked\n", "utf-8")
    assert keys.reload()
    assert keys.find(text.encode()) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example", "127.0.0.1.example"])
def test_others_are_not_served_without_keys_unless_told_so(host: str, file: Path) -> None:
    assert not is_loopback(host)
    with pytest.raises(AccessError, match=r"RAQAM_API_KEYS.*RAQAM_ALLOW_OPEN=true"):
        check_access(Settings(host=host))
    check_access(Settings(host=host, allow_open=True))
    check_access(Settings(host=host, api_keys=written(file, create("annotate")[1])))


def test_this_machine_is_served_without_keys() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        check_access(Settings(host=host))


def test_keys_that_cannot_be_used_are_told_at_the_start(file: Path) -> None:
    with pytest.raises(AccessError, match="cannot be read"):
        check_access(Settings(api_keys=file))


def test_the_command_makes_a_key_and_its_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "--scope", "admin", "--comment", "the release script"]) == 0
    said = capsys.readouterr()
    found = re.search(r"raqam_\S+", said.err)
    assert found
    assert found[0] not in said.out
    file.write_text(said.out, "utf-8")
    key = Keys(file).find(found[0].encode())
    assert key
    assert (key.scope, key.comment) == ("admin", "the release script")


def test_the_command_needs_a_scope(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ([], ["new"], ["new", "--scope", "root"]):
        with pytest.raises(SystemExit) as caught:
            main(wrong)
        assert caught.value.code == 2
    assert "annotate" in capsys.readouterr().err
