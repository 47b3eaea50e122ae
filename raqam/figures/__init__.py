"""Exact values of figures, dates and places, read from their words by grammars: no model, no network, no floats."""

from raqam.figures.joining import join_parts
from raqam.figures.reading import VALUED, read_values

__all__ = ["VALUED", "join_parts", "read_values"]
