"""Measuring: `bench/run`. What is measured and how is told in docs/performance.md."""
