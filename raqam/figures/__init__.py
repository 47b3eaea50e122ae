"""Exact values of figures, dates and places, read from their words by grammars: no model, no network, no floats."""

from raqam.figures.reading import VALUED, read_values

__all__ = ["VALUED", "read_values"]
