"""Articles that are kept, what the model said of them, and what people made of that; nothing else stores a text."""
