"""Pages, feeds and API of the scheduler."""
