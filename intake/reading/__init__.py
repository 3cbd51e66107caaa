"""From the bytes of a file to grids of cells, in a child process that can be killed.

``launch.open_book`` is the door. Everything that parses a stranger's bytes runs in the child (``child``), under limits
of memory, processor and output (``limits``); the parent sees JSON only and turns every end of the child into
cells or into a ``Refusal`` in words.
"""
