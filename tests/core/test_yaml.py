"""YAML: what is a number and what is text, lines, refusals, and the way back."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import yaml
from core.files import UnreadableFile

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("true", True),
        ("16:00", "16:00"),
        ("2024-01-05", "2024-01-05"),
        ("2024-01-05T10:00", "2024-01-05T10:00"),
        ("2021", 2021),
        ("'2021'", "2021"),
        ("!!str 2021", "2021"),
        ("010", 10),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("~", None),
        ("", None),
        ("FREQ=WEEKLY;BYDAY=FR", "FREQ=WEEKLY;BYDAY=FR"),
    ],
)
def test_load_resolves_by_the_core_schema(text: str, value: object) -> None:
    assert yaml.load(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x 1\nb: *x", "line 1: anchors and aliases are not supported"),
        ("- 1\n- !!python/name:os.system x", "line 2: tags such as"),
        ("a:\n- !thing [1]", "line 2: tags such as '!thing' are not supported"),
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' is there twice"),
        ("? [a]\n: 1", "line 1: a key must be a plain word"),
        ("a: 1\n---\nb: 2", "it holds more than one document"),
        ("a: [1,\nb: 2", "line 3: did not find expected"),
        ("[" * 100, "line 1: it is nested too deeply"),
        ("[" * 5000, "line 1: exceeded maximum nesting depth"),
        ("\x01", "it is not YAML"),
    ],
)
def test_load_refuses_in_one_line(text: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        yaml.load(text)
    assert str(refusal.value).startswith(words)
    assert "\n" not in str(refusal.value)


def test_line_of_finds_the_innermost_thing() -> None:
    document = yaml.load("a: 1\nb:\n- c: 2\n- d:\n  - 3\n  - 4\n")
    assert yaml.line_of(document, ["b", "1", "d", "1"], 1) == 6
    assert yaml.line_of(document, ["b", "1", "missing"], 1) == 4
    assert yaml.line_of("text", ["b"], 7) == 7


def test_dump_leaves_dates_plain_and_quotes_what_others_misread() -> None:
    text = yaml.dump({"date": "2024-01-05T10:00", "from": "16:00", "word": "yes", "year": "2021"})
    assert text == "date: 2024-01-05T10:00\nfrom: '16:00'\nword: 'yes'\nyear: '2021'\n"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(PLAIN)
def test_load_reads_back_what_dump_wrote(plain: object) -> None:
    assert yaml.load(yaml.dump(plain)) == plain


ITEM = (
    "{indent}- name: Émilie 🎉 {number}\n{indent}  text: |2\n"
    "{indent}     two\n\n{indent}    lines\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "a: 🎉\nrows:\n"
        + "".join(ITEM.format(indent="", number=n) for n in range(1500))
        + "b: 1\n",
        "rows:\n"
        + "".join(ITEM.format(indent="   ", number=n) for n in range(1500))
        + "# end\nb: 1",
        "{a: 🎉, rows: [" + "{name: é},\n" * 1500 + "[1, [2]], x], b: 1}",
        "rows: # 🎉\n\n  - - a\n" + "  -\n    name: x\r\n  # between\n  - y\n" * 700,
        "- 1\n- rows:\n" + "  - a: [1,\n    2]\n" * 1500 + "  b: 2\n- 3",
    ],
)
def test_long_list_has_the_items_and_lines_of_a_short_one(text: str) -> None:
    def rows(document: object) -> object:
        return document["rows"] if isinstance(document, dict) else document[1]["rows"]

    short, long = rows(yaml.load(text)), rows(yaml.load(text, {"rows"}))

    assert isinstance(long, yaml.LongList)
    assert long.line == short.line
    assert list(long) == list(zip(short, short.lines, strict=True))
    nested = [(item, yaml.line_of(item, ["text"], line)) for item, line in long]
    assert nested == [
        (item, yaml.line_of(item, ["text"], line))
        for item, line in zip(short, short.lines, strict=True)
    ]


def test_error_in_a_long_list_has_its_line() -> None:
    document = yaml.load("rows:\n" + "- 1\n" * 2000 + "- &x 1\n", {"rows"})

    with pytest.raises(UnreadableFile, match="line 2002: anchors"):
        list(document["rows"])
