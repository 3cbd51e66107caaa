"""Schema changes of boards, in order."""
