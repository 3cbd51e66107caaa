"""How finance looks at every entry of the journal: its states, what changes them, what it sees of an entry."""
