"""What `make bench` runs: the cost of each page and feed beside the baselines it is judged by."""
