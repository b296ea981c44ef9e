"""Speed and memory against the budgets of docs/benchmarks.md: `python -m tests.bench [--quick] [name …]`. Not part of the tests."""
