"""Printed forms of documents: what stands on one (form), and how it is drawn as PDF (pdf)."""
