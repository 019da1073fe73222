"""When: series, events, talks and feeds."""
