"""The HTTP service: a FastAPI application around :class:`raqam.Annotator`. Run it as ``python -m serving``."""
