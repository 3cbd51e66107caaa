"""Labels of items, lots, places and documents: what stands on them, the paper they are printed on, the PDF."""
