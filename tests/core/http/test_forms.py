"""Forms with inputs named by the path of their field, parsed and filled."""

import datetime as dt
from typing import Annotated, ClassVar

import pytest
from pydantic import Field, ValidationError
from werkzeug.datastructures import MultiDict

from core.fields import IsoDate, LongText, Name, Schema, Url
from core.http import forms
from core.refusals import Invalid


class Question(Schema):
    label: Name
    choices: tuple[str, ...] = ()
    required: bool = False


class Limits(Schema):
    per_day: Annotated[int, Field(ge=1, le=9)] | None = None
    per_guest: int | None = 2


class Days(Schema):
    days: Annotated[int, Field(ge=0)]


class Range(Schema):
    from_: IsoDate = Field(alias="from")
    to: IsoDate


class Offer(Schema):
    title: Name
    text: LongText = ""
    minutes: Annotated[int, Field(ge=1)] = 30
    weekdays: tuple[int, ...] = ()
    limits: Limits = Limits()
    horizon: Days | Range = Days(days=60)
    questions: tuple[Question, ...] = ()
    open: bool = True


def form(**inputs: str | list[str]) -> MultiDict[str, str]:
    """Return a posted form; `__` in a name is replaced by a dot."""
    return MultiDict({name.replace("__", "."): value for name, value in inputs.items()})


def test_form_is_parsed_by_the_paths_of_the_fields():
    posted = form(
        title=" Chat ",
        minutes="45",
        weekdays=["1", "3"],
        limits__per_day="2",
        horizon__from="2026-06-01",
        horizon__to="2026-06-30",
        questions__0__label="Why?",
        questions__0__required="1",
        open="1",
    )
    assert forms.parse(Offer, posted) == Offer(
        title="Chat",
        minutes=45,
        weekdays=(1, 3),
        limits=Limits(per_day=2),
        horizon=Range.model_validate({"from": dt.date(2026, 6, 1), "to": dt.date(2026, 6, 30)}),
        questions=(Question(label="Why?", required=True),),
    )


def test_blank_inputs_are_null_where_that_is_possible_and_else_the_default():
    posted = form(title="Chat", text="", minutes="", limits__per_guest="", open="")
    assert forms.parse(Offer, posted) == Offer(
        title="Chat", limits=Limits(per_guest=None), open=False
    )


def test_errors_return_to_the_inputs_as_posted():
    posted = form(
        title="",
        minutes="x",
        limits__per_day="10",
        horizon__from="soon",
        horizon__to="",
        questions__0__label="",
        questions__3__label="Why?",
        questions__5__required="1",
    )
    with pytest.raises(Invalid) as refusal:
        forms.parse(Offer, posted)
    assert refusal.value.errors["title"] == "This is required."
    assert refusal.value.errors["minutes"] == "This must be a whole number."
    assert refusal.value.errors["limits.per_day"] == "This must be 9 or less."
    assert refusal.value.errors["questions.5.label"] == "This is required."


def test_given_fields_stand_beside_those_of_the_form():
    assert forms.parse(Offer, form(title="Chat"), minutes=20) == Offer(title="Chat", minutes=20)


def test_texts_are_parsed_back_to_the_same_value():
    offer = Offer(
        title="Chat",
        weekdays=(1,),
        limits=Limits(per_day=3, per_guest=None),
        questions=(Question(label="A"), Question(label="B", choices=("x", "y"))),
        open=False,
    )
    shown = forms.texts(offer)
    assert shown["questions.1.choices"] == ["x", "y"]
    assert shown["limits.per_guest"] == ""
    assert forms.positions(shown, "questions") == [0, 1]
    assert forms.parse(Offer, MultiDict(shown)) == offer


def test_posted_texts_are_shown_again():
    posted = form(title="", weekdays=["1", "3"], csrf_token="secret")
    assert forms.posted(posted) == {"title": "", "weekdays": ["1", "3"]}


@pytest.mark.parametrize("name", ["title.x", "a.b.c", "questions.x.label", ".", "questions."])
def test_odd_names_are_ignored(name: str):
    assert forms.parse(Offer, MultiDict([("title", "Chat"), (name, "1")])).title == "Chat"


class Named(Schema):
    kind: ClassVar[str] = "named"

    name: Name


class Numbered(Schema):
    kind: ClassVar[str] = "numbered"

    number: int


class Parcel(Schema):
    label: Named | Numbered


def test_form_has_the_inputs_of_a_value_under_a_name():
    posted = form(limits__per_day="3", per_day="4")
    assert forms.parse(Limits, posted, under="limits") == Limits(per_day=3)
    assert forms.texts(Limits(per_day=3), under="limits") == {
        "limits.per_day": "3",
        "limits.per_guest": "2",
    }
    with pytest.raises(Invalid) as refusal:
        forms.parse(Limits, form(limits__per_day="0"), under="limits")
    assert refusal.value.errors == {"limits.per_day": "This must be 1 or more."}


def test_fields_without_an_input_are_those_of_the_base():
    base = Offer(title="Chat", minutes=45, limits=Limits(per_day=2), open=False)
    found = forms.parse(Offer, form(title="Talk", minutes=""), base=base)
    assert found == Offer(title="Talk", minutes=30, limits=Limits(per_day=2), open=False)


def test_list_of_texts_has_a_line_for_each():
    posted = form(title="Chat", questions__0__label="Why?", questions__0__choices="one\r\n\ntwo ")
    assert forms.parse(Offer, posted).questions[0].choices == ("one", "two")


def test_input_kind_says_which_of_several_models_is_meant():
    posted = {"label__name": "Ann", "label__number": "7"}
    found = [
        forms.parse(Parcel, form(**posted, label__kind=kind)) for kind in ("named", "numbered")
    ]
    assert found == [Parcel(label=Named(name="Ann")), Parcel(label=Numbered(number=7))]


def test_checkbox_posts_an_empty_text_when_it_is_not_checked():
    base = Offer(title="Chat", open=True)
    unchecked, checked = form(title="Chat", open=""), form(title="Chat", open=["", "1"])
    assert [forms.parse(Offer, each, base=base).open for each in (unchecked, checked)] == [
        False,
        True,
    ]
    assert [forms.posted(each)["open"] for each in (unchecked, checked)] == ["", "1"]


def test_positions_of_a_nested_list():
    shown = {"date.windows.0.from": "", "date.windows.2.to": "", "date.day": ""}
    assert forms.positions(shown, "date.windows") == [0, 2]


class Link(Schema):
    url: Url


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("arxiv.org/abs/2201.03545", "https://arxiv.org/abs/2201.03545"),
        ("example.org", "https://example.org"),
        ("meet.example.org:8443?room=1#a", "https://meet.example.org:8443?room=1#a"),
        ("müller.example/x", "https://müller.example/x"),
        ("http://example.org/x", "http://example.org/x"),
    ],
)
def test_address_may_be_typed_without_its_scheme(typed: str, url: str):
    assert forms.parse(Link, form(url=typed)).url == url


@pytest.mark.parametrize(
    "typed", ["ada@example.org", "example", "ftp://example.org/x", "1.2/x", "a b.org/x", ".org/x"]
)
def test_what_is_no_address_gets_no_scheme(typed: str):
    with pytest.raises(Invalid):
        forms.parse(Link, form(url=typed))


def test_address_without_a_scheme_is_refused_outside_of_forms():
    with pytest.raises(ValidationError):
        Link(url="arxiv.org/abs/2201.03545")
