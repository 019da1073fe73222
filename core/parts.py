"""What the areas contribute to an app, as one value that `app.py` puts together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.orm import Session

from core.config import Settings
from core.http.blocks import Block
from core.jobs import Job
from core.messages.delivery import Channel
from core.sections import Section

AreaCheck = Callable[[Session, int], bool]
"""Whether the person with an id has something in an area of the site."""

Sample = Callable[[Session, datetime], None]

_KEY = "convenor"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one app.

    `sections` of the community file and `jobs` are in the order in which they run. `channels` send
    messages, by name. `areas` decide which areas the page head shows, by name. The blocks are shown
    on the home page and on the agenda of a signed-in reader. `samples` add to the demo what its
    files cannot hold.
    """

    settings: Settings
    sections: tuple[Section, ...] = ()
    jobs: tuple[Job, ...] = ()
    channels: Mapping[str, Channel] = field(default_factory=dict)
    areas: Mapping[str, AreaCheck] = field(default_factory=dict)
    home_blocks: tuple[Block, ...] = ()
    agenda_blocks: tuple[Block, ...] = ()
    samples: tuple[Sample, ...] = ()


def init_app(app: Flask, parts: Parts) -> None:
    """Give the app its parts."""
    app.extensions[_KEY] = parts


def of(app: Flask) -> Parts:
    """Return the parts of an app."""
    found: Parts = app.extensions[_KEY]
    return found


def current() -> Parts:
    """Return the parts of the running app."""
    return of(current_app)
