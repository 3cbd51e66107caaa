"""The tasks of the warehouse on a phone: big tiles, one task a screen, scans that outlive the network."""
