"""Only the laws of the journal as SQL, for ``verify_ledger``: each query's rows are what is wrong, first the first."""

from stock import place_kinds, verify

_PHYSICAL = ", ".join(f"'{kind}'" for kind in sorted(place_kinds.PHYSICAL))

JOURNALED = """
SELECT 'stock_posting' AS "table", p.id, p.document FROM stock_posting p
WHERE NOT EXISTS (SELECT 1 FROM finance_journalentry e WHERE e.posting_id = p.id) ORDER BY p.id
"""

SUMS = """
SELECT 'finance_journalentry' AS "table", e.id, e.document, e.lines AS expected_lines,
  COUNT(l.id) AS found_lines, e.total AS expected_value, COALESCE(SUM(ABS(l.amount)), 0) AS found_value
FROM finance_journalentry e LEFT JOIN finance_journalline l ON l.entry_id = e.id
GROUP BY e.id, e.document, e.lines, e.total
HAVING COUNT(l.id) <> e.lines OR COALESCE(SUM(ABS(l.amount)), 0) <> e.total ORDER BY e.id
"""

MOVEMENTS = f"""
SELECT 'stock_movement' AS "table", x.id, x.posting_id AS posting, i.code AS item,
  x.moved AS expected_value, x.booked AS found_value
FROM (
  SELECT m.id, m.posting_id, m.item_id,
    m.value * ((CASE WHEN t.kind IN ({_PHYSICAL}) THEN 1 ELSE 0 END)
      - (CASE WHEN s.kind IN ({_PHYSICAL}) THEN 1 ELSE 0 END)) AS moved,
    COALESCE((SELECT SUM(l.amount * ((CASE WHEN d.is_inventory THEN 1 ELSE 0 END)
      - (CASE WHEN c.is_inventory THEN 1 ELSE 0 END))) FROM finance_journalline l
      JOIN finance_account d ON d.id = l.debit_account_id
      JOIN finance_account c ON c.id = l.credit_account_id
      WHERE l.movement_id = m.id AND l.adjusts_id IS NULL), 0) AS booked
  FROM stock_movement m JOIN stock_place t ON t.id = m.target_id JOIN stock_place s ON s.id = m.source_id
  WHERE EXISTS (SELECT 1 FROM finance_journalentry e WHERE e.posting_id = m.posting_id)
) x LEFT JOIN stock_item i ON i.id = x.item_id WHERE x.moved <> x.booked ORDER BY x.id
"""

ITEMS = """
SELECT 'stock_costpool' AS "table", i.code AS item, SUM(x.pool) AS expected_value,
  SUM(x.booked) AS found_value
FROM (
  SELECT a.company_id, c.item_id, c.value AS pool, 0 AS booked FROM stock_costpool c
  JOIN stock_valuationarea a ON a.id = c.area_id
  UNION ALL
  SELECT d.company_id, l.item_id, 0, l.amount FROM finance_journalline l
  JOIN finance_account d ON d.id = l.debit_account_id AND d.is_inventory
  UNION ALL
  SELECT c.company_id, l.item_id, 0, -l.amount FROM finance_journalline l
  JOIN finance_account c ON c.id = l.credit_account_id AND c.is_inventory
) x LEFT JOIN stock_item i ON i.id = x.item_id
GROUP BY x.company_id, x.item_id, i.code HAVING SUM(x.pool) <> SUM(x.booked) ORDER BY x.item_id
"""


def register() -> None:
    """Let ``verify_ledger`` check them, too."""
    from django.utils.translation import gettext_noop as _

    verify.register(_("every posting is journaled"), verify.query(JOURNALED))
    verify.register(_("entries hold their lines"), verify.query(SUMS))
    verify.register(_("movements are booked with their value"), verify.query(MOVEMENTS))
    verify.register(_("inventory accounts are worth what stock is"), verify.query(ITEMS))
