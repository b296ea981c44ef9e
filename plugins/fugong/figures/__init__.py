"""Figures: the numbers of the briefing, each with its coverage, its warnings and the reasons for its change.

In:   `mart.*`, `asof.*`, `ref.policy_param`; `include/briefing/figures/*.yaml` and `rules.yaml`.     Out: `Figure`; contradictions.
Read: figure.figures → evaluate.Evaluator → its parts: moment, parameters, submissions, mart_source; then change.explain.
Owns: nothing; it reads. Replays live in temporary tables.
"""
