"""Keys of talks: kept through every save, and never given to another talk."""

import pytest

from scheduler.domain.talk_keys import keyed
from scheduler.domain.talks import Talk


def talks(*told: str) -> list[Talk]:
    """Return talks such as "t1:A": a key, which may be empty, and a title."""
    return [Talk(title=each.partition(":")[2], key=each.partition(":")[0]) for each in told]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([], [":A", ":B"], ["t1:A", "t2:B"], id="first-save"),
        pytest.param([], ["intro:A", ":B"], ["intro:A", "t1:B"], id="key-given"),
        pytest.param(["t1:A"], [":A2"], ["t1:A2"], id="changed"),
        pytest.param(["t1:A", "t2:B"], ["t2:B", "t1:A"], ["t2:B", "t1:A"], id="reordered"),
        pytest.param(["t1:A", "t2:B"], [":B"], ["t2:B"], id="first-removed-without-keys"),
        pytest.param(["t1:A", "t2:B"], [":B", ":A"], ["t2:B", "t1:A"], id="reordered-without-keys"),
        pytest.param(["t1:A", "t2:B"], [":A2", ":B"], ["t1:A2", "t2:B"], id="one-changed"),
        pytest.param(["t1:A"], ["t1:A", ":B"], ["t1:A", "t2:B"], id="added"),
        pytest.param(["t1:A", "t2:B"], ["t1:A", ":C"], ["t1:A", "t3:C"], id="second-replaced"),
        pytest.param(["t2:A", "t9:B"], ["t2:A", "t9:B", ":C"], ["t2:A", "t9:B", "t10:C"], id="gap"),
        pytest.param(["x:A", "t3:B"], ["x:A", "t7:B", ":C"], ["x:A", "t7:B", "t8:C"], id="renamed"),
        pytest.param(["t1:A"], [], [], id="removed"),
        pytest.param(["t1:A"], ["x:B", ":A2"], ["x:B", "t1:A2"], id="only-new-keys"),
    ],
)
def test_talks_keep_their_keys(before: list[str], after: list[str], expected: list[str]) -> None:
    assert list(keyed(talks(*before), talks(*after))) == talks(*expected)


def test_talks_without_keys_get_the_same_keys_each_time() -> None:
    written = talks(":A", "intro:B", ":C")

    once = keyed((), written)

    assert keyed(once, written) == once
