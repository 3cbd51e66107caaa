"""Purchase invoices from sheets: read, matched to receipts, made to drafts of finance; nothing is posted here."""
