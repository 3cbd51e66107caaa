"""From grids of cells to rows whose every value is known: what it was, what it means, by which rule.

``understand.understand`` is the door. Nothing here touches the database or a file; what cannot be told apart becomes a
question, what cannot be read becomes a wrong cell, and neither is ever guessed.
"""
