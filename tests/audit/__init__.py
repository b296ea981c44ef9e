"""Texts of districts that never were, in many manners, with the figure that each number is."""
