"""Sheets and scans become movements, with nothing wrong in silence."""
