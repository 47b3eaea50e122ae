"""Training of Raqam's models: encoder, fine-tuning, evaluation, export. Run from a checkout: ``python -m training``."""
