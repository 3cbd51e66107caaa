"""Hands vouchers to the accounting system a company already has: what a voucher is, its formats, its checks."""
