"""Stocktakes: planned, sealed, counted blind, recounted by others, approved and posted as differences."""
