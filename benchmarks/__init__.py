"""The benchmarks of `make bench`: the cost of pages and feeds relative to baselines."""
