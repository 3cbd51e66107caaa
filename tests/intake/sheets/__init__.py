"""Legacy sheets made from a seed, with the truth about every one of their values."""
