"""Benchmarks that print ratios against hand-written SQL, measured interleaved in one run."""
