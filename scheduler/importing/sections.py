"""What the calendar offers to the community file."""

from core.community import Section
from scheduler.exporting.community import write_series
from scheduler.importing.community import read_series

SECTIONS = (Section("series", read_series, write_series),)
