"""Only the laws of the book as SQL: each query's rows are what is wrong, the first wrong row first.

A row says in which table it is, which goods and place it is about, and what was expected and found in
scaled integers. What is kept is set against the movements by adding both up under one key, so that a row
too few and a row too many show as well as a wrong one.
"""

from stock import place_kinds

_LEGS = """
  SELECT m.id, m.posting_id, m.type, m.item_id, m.lot_id, m.owner_id, m.target_id AS place_id,
    m.quantity, m.value, m.cost_object, m.effective_at FROM stock_movement m
  UNION ALL
  SELECT m.id, m.posting_id, m.type, m.item_id, m.lot_id, m.owner_id, m.source_id,
    -m.quantity, -m.value, m.cost_object, m.effective_at FROM stock_movement m
"""
_PHYSICAL = ", ".join(f"'{kind}'" for kind in sorted(place_kinds.PHYSICAL))

LINES = """
SELECT 'stock_movement' AS "table", p.id AS posting, p.document,
  COALESCE(MAX(m.line), 1) AS expected_lines, COUNT(m.id) AS found_lines
FROM stock_posting p LEFT JOIN stock_movement m ON m.posting_id = p.id
GROUP BY p.id, p.document
HAVING COUNT(m.id) = 0 OR COUNT(m.id) <> MAX(m.line) OR MIN(m.line) <> 1
  OR COUNT(DISTINCT m.line) <> COUNT(m.id) ORDER BY p.id
"""

_MISSING = (
    ("posting", "h", "m.posting_id"),
    ("item", "i", "m.item_id"),
    ("lot", "l", "m.lot_id"),
    ("owner", "o", "m.owner_id"),
    ("source", "s", "m.source_id"),
    ("target", "t", "m.target_id"),
    ("partner", "p", "m.partner_id"),
    ("department", "d", "m.department_id"),
    ("original", "x", "m.original_id"),
)
_LACKS = " ".join(
    f"WHEN {column} IS NOT NULL AND {alias}.id IS NULL THEN '{name}'"
    for name, alias, column in _MISSING
)
ORPHANS = f"""
SELECT * FROM (
SELECT 'stock_movement' AS "table", m.id, m.posting_id AS posting,
  CASE {_LACKS} WHEN m.lot_id <> 0 AND l.item_id <> m.item_id THEN 'lot of another item'
    WHEN s.company_id <> h.company_id OR t.company_id <> h.company_id
    THEN 'place of another company' END AS missing
FROM stock_movement m
LEFT JOIN stock_posting h ON h.id = m.posting_id
LEFT JOIN stock_item i ON i.id = m.item_id LEFT JOIN stock_lot l ON l.id = m.lot_id
LEFT JOIN stock_partner o ON o.id = m.owner_id LEFT JOIN stock_place s ON s.id = m.source_id
LEFT JOIN stock_place t ON t.id = m.target_id LEFT JOIN stock_partner p ON p.id = m.partner_id
LEFT JOIN people_department d ON d.id = m.department_id
LEFT JOIN stock_movement x ON x.id = m.original_id
) found WHERE missing IS NOT NULL ORDER BY id
"""

SHAPE = """
SELECT 'stock_movement' AS "table", m.id, m.posting_id AS posting, p.effective_at AS expected_at,
  m.effective_at AS found_at, m.quantity AS found_quantity, m.value AS found_value
FROM stock_movement m JOIN stock_posting p ON p.id = m.posting_id
WHERE m.effective_at <> p.effective_at OR m.source_id = m.target_id OR m.quantity < 0 OR m.value < 0
ORDER BY m.id
"""

ROUTES = """
SELECT m.type, m.reversal, s.kind, t.kind, COUNT(*), MIN(m.id)
FROM stock_movement m JOIN stock_place s ON s.id = m.source_id JOIN stock_place t ON t.id = m.target_id
GROUP BY m.type, m.reversal, s.kind, t.kind ORDER BY MIN(m.id)
"""
"""Not a law by itself: which kinds of places the movements of each type join."""

REVERSALS = """
SELECT 'stock_movement' AS "table", r.id, r.posting_id AS posting, m.quantity AS expected_quantity,
  r.quantity AS found_quantity, m.value AS expected_value, r.value AS found_value
FROM stock_movement r LEFT JOIN stock_movement m ON m.id = r.original_id
WHERE r.reversal AND (m.id IS NULL OR m.item_id <> r.item_id OR m.lot_id <> r.lot_id
  OR m.quantity <> r.quantity OR m.value <> r.value
  OR m.source_id <> r.target_id OR m.target_id <> r.source_id) ORDER BY r.id
"""

CONSERVATION = f"""
SELECT 'stock_balance' AS "table", i.code AS item, l.number AS lot, k.owner_id AS owner,
  SUM(k.came) AS expected_quantity, SUM(k.kept) AS found_quantity
FROM (
  SELECT leg.item_id, leg.lot_id, leg.owner_id, -leg.quantity AS came, 0 AS kept
  FROM ({_LEGS}) leg JOIN stock_place s ON s.id = leg.place_id AND s.kind NOT IN ({_PHYSICAL})
  UNION ALL SELECT item_id, lot_id, owner_id, 0, on_hand FROM stock_balance
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_lot l ON l.id = k.lot_id
GROUP BY k.item_id, k.lot_id, k.owner_id, i.code, l.number
HAVING SUM(k.came) <> SUM(k.kept) ORDER BY k.item_id, k.lot_id
"""

BALANCES = f"""
SELECT 'stock_balance' AS "table", MAX(k.id) AS id, i.code AS item, l.number AS lot, p.code AS place,
  SUM(k.book) AS expected_quantity, SUM(k.kept) AS found_quantity
FROM (
  SELECT NULL AS id, leg.item_id, leg.lot_id, leg.owner_id, leg.place_id, leg.quantity AS book, 0 AS kept
  FROM ({_LEGS}) leg JOIN stock_place s ON s.id = leg.place_id AND s.kind IN ({_PHYSICAL})
  UNION ALL SELECT id, item_id, lot_id, owner_id, place_id, 0, on_hand FROM stock_balance
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_lot l ON l.id = k.lot_id
LEFT JOIN stock_place p ON p.id = k.place_id
GROUP BY k.item_id, k.lot_id, k.owner_id, k.place_id, i.code, l.number, p.code
HAVING SUM(k.book) <> SUM(k.kept) ORDER BY k.item_id, k.place_id
"""

LATEST = f"""
SELECT 'stock_balance' AS "table", b.id, MAX(leg.effective_at) AS expected_at, b.latest_at AS found_at
FROM stock_balance b JOIN ({_LEGS}) leg ON leg.item_id = b.item_id AND leg.lot_id = b.lot_id
  AND leg.owner_id = b.owner_id AND leg.place_id = b.place_id AND leg.quantity <> 0
GROUP BY b.id, b.latest_at HAVING MAX(leg.effective_at) > b.latest_at ORDER BY b.id
"""

SERIALS = """
SELECT 'stock_balance' AS "table", b.id, i.code AS item, l.number AS lot, p.code AS place,
  b.on_hand AS found_quantity
FROM stock_balance b JOIN stock_item i ON i.id = b.item_id AND i.tracking = 'serial'
JOIN stock_lot l ON l.id = b.lot_id JOIN stock_place p ON p.id = b.place_id
WHERE NOT b.serial OR b.on_hand NOT IN (0, 1000000) OR (b.on_hand > 0 AND EXISTS (
  SELECT 1 FROM stock_balance x WHERE x.lot_id = b.lot_id AND x.on_hand > 0 AND x.id < b.id))
ORDER BY b.id
"""

_BY_LOT = (
    "c.cost_method = 'specific' AND NOT EXISTS "
    "(SELECT 1 FROM stock_costmethodchange g WHERE g.category_id = c.id)"
)
"""Whether the movements tell the value of each lot: a change of method shares it out anew by quantity."""

POOLS = f"""
SELECT 'stock_costpool' AS "table", MAX(k.id) AS id, i.code AS item, a.code AS area, l.number AS lot,
  k.shipment, SUM(k.book_q) AS expected_quantity, SUM(k.kept_q) AS found_quantity,
  SUM(k.book_v) AS expected_value, SUM(k.kept_v) AS found_value
FROM (
  SELECT NULL AS id, leg.item_id, w.area_id, CASE WHEN {_BY_LOT} THEN leg.lot_id ELSE 0 END AS lot_id,
    CASE WHEN s.kind = 'transit' THEN leg.cost_object ELSE '' END AS shipment,
    leg.quantity AS book_q, leg.value AS book_v, 0 AS kept_q, 0 AS kept_v
  FROM ({_LEGS}) leg JOIN stock_place s ON s.id = leg.place_id
    JOIN stock_warehouse w ON w.id = s.warehouse_id
    JOIN stock_item n ON n.id = leg.item_id JOIN stock_category c ON c.id = n.category_id
  WHERE leg.owner_id = 0
  UNION ALL SELECT q.id, q.item_id, q.area_id, CASE WHEN {_BY_LOT} THEN q.lot_id ELSE 0 END,
    q.shipment, 0, 0, q.quantity, q.value
  FROM stock_costpool q JOIN stock_item n ON n.id = q.item_id
    JOIN stock_category c ON c.id = n.category_id
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_valuationarea a ON a.id = k.area_id
LEFT JOIN stock_lot l ON l.id = k.lot_id
GROUP BY k.item_id, k.area_id, k.lot_id, k.shipment, i.code, a.code, l.number
HAVING SUM(k.book_q) <> SUM(k.kept_q) OR SUM(k.book_v) <> SUM(k.kept_v)
ORDER BY k.item_id, k.area_id
"""

LOT_POOLS = f"""
SELECT 'stock_costpool' AS "table", MAX(k.id) AS id, i.code AS item, a.code AS area, l.number AS lot,
  k.shipment, SUM(k.book) AS expected_quantity, SUM(k.kept) AS found_quantity
FROM (
  SELECT NULL AS id, leg.item_id, w.area_id, leg.lot_id,
    CASE WHEN s.kind = 'transit' THEN leg.cost_object ELSE '' END AS shipment,
    leg.quantity AS book, 0 AS kept
  FROM ({_LEGS}) leg JOIN stock_place s ON s.id = leg.place_id
    JOIN stock_warehouse w ON w.id = s.warehouse_id JOIN stock_item n ON n.id = leg.item_id
    JOIN stock_category c ON c.id = n.category_id AND c.cost_method = 'specific'
  WHERE leg.owner_id = 0
  UNION ALL SELECT q.id, q.item_id, q.area_id, q.lot_id, q.shipment, 0, q.quantity
  FROM stock_costpool q WHERE q.method = 'specific'
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_valuationarea a ON a.id = k.area_id
LEFT JOIN stock_lot l ON l.id = k.lot_id
GROUP BY k.item_id, k.area_id, k.lot_id, k.shipment, i.code, a.code, l.number
HAVING SUM(k.book) <> SUM(k.kept) ORDER BY k.item_id, k.area_id
"""

EMPTY = """
SELECT 'stock_costpool' AS "table", p.id, i.code AS item, p.quantity AS found_quantity,
  p.value AS found_value FROM stock_costpool p JOIN stock_item i ON i.id = p.item_id
WHERE (p.quantity = 0 AND p.value <> 0) OR (p.quantity > 0 AND p.value < 0) ORDER BY p.id
"""

METHODS = """
SELECT 'stock_costpool' AS "table", p.id, i.code AS item, c.cost_method AS expected,
  p.method AS found FROM stock_costpool p JOIN stock_item i ON i.id = p.item_id
JOIN stock_category c ON c.id = i.category_id WHERE p.method <> c.cost_method ORDER BY p.id
"""

LAYERS = """
SELECT 'stock_costlayer' AS "table", p.id AS pool, i.code AS item, a.code AS area,
  CASE WHEN p.quantity > 0 THEN p.quantity ELSE 0 END AS expected_quantity,
  COALESCE(SUM(y.quantity), 0) AS found_quantity,
  CASE WHEN p.quantity > 0 THEN p.value ELSE 0 END AS expected_value,
  COALESCE(SUM(y.value), 0) AS found_value
FROM stock_costpool p LEFT JOIN stock_costlayer y ON y.pool_id = p.id
JOIN stock_item i ON i.id = p.item_id JOIN stock_valuationarea a ON a.id = p.area_id
WHERE p.method = 'fifo'
GROUP BY p.id, p.quantity, p.value, i.code, a.code
HAVING COALESCE(SUM(y.quantity), 0) <> CASE WHEN p.quantity > 0 THEN p.quantity ELSE 0 END
  OR COALESCE(SUM(y.value), 0) <> CASE WHEN p.quantity > 0 THEN p.value ELSE 0 END
ORDER BY p.id
"""

PROMISES = """
SELECT 'stock_availability' AS "table", MAX(k.id) AS id, i.code AS item, w.code AS warehouse,
  SUM(k.book) AS expected_quantity, SUM(k.kept) AS found_quantity
FROM (SELECT NULL AS id, item_id, warehouse_id, remaining AS book, 0 AS kept FROM stock_reservation
  WHERE state = 'active'
  UNION ALL SELECT id, item_id, warehouse_id, 0, reserved FROM stock_availability) k
JOIN stock_item i ON i.id = k.item_id JOIN stock_warehouse w ON w.id = k.warehouse_id
GROUP BY k.item_id, k.warehouse_id, i.code, w.code HAVING SUM(k.book) <> SUM(k.kept)
ORDER BY k.item_id
"""

SEALS = """
SELECT 'stock_seal' AS "table", s.number, s.postings AS expected_postings,
  COUNT(h.id) AS found_postings
FROM stock_seal s LEFT JOIN stock_sealedposting p ON p.seal_id = s.number
LEFT JOIN stock_posting h ON h.id = p.posting_id
GROUP BY s.number, s.postings HAVING COUNT(h.id) <> s.postings OR s.number < 1 ORDER BY s.number
"""

SEAL_NUMBERS = """
SELECT 'stock_seal' AS "table", s.number - 1 AS missing FROM stock_seal s
WHERE s.number > 1 AND NOT EXISTS (SELECT 1 FROM stock_seal b WHERE b.number = s.number - 1)
ORDER BY s.number
"""

UNSEALED = """
SELECT 'stock_posting' AS "table", p.id, p.document FROM stock_posting p
WHERE NOT EXISTS (SELECT 1 FROM stock_sealedposting s WHERE s.posting_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM core_outboxrow o WHERE o.consumer = 'stock.seal'
    AND o.subject = p.id AND o.state <> 'done')
ORDER BY p.id
"""


def months(vendor: str) -> str:
    """Each month balance is the one before plus what sealed postings of the month moved."""
    if vendor == "postgresql":
        month = "date_trunc('month', p.business_date)::date"
        following = "(b.month + interval '1 month')::date"
    else:
        month = "date(p.business_date, 'start of month')"
        following = "date(b.month, '+1 month')"
    return f"""
SELECT 'stock_monthbalance' AS "table", k.month, i.code AS item, s.code AS place,
  SUM(k.book_q) AS expected_quantity, SUM(k.kept_q) AS found_quantity,
  SUM(k.book_v) AS expected_value, SUM(k.kept_v) AS found_value
FROM (
  SELECT {month} AS month, leg.item_id, leg.lot_id, leg.owner_id, leg.place_id,
    leg.quantity AS book_q, leg.value AS book_v, 0 AS kept_q, 0 AS kept_v
  FROM ({_LEGS}) leg JOIN stock_posting p ON p.id = leg.posting_id
    JOIN stock_sealedposting sp ON sp.posting_id = p.id
    JOIN stock_place t ON t.id = leg.place_id AND t.kind IN ({_PHYSICAL})
  UNION ALL SELECT month, item_id, lot_id, owner_id, place_id, 0, 0, quantity, value
  FROM stock_monthbalance
  UNION ALL SELECT {following}, item_id, lot_id, owner_id, place_id, 0, 0, -quantity, -value
  FROM stock_monthbalance b WHERE b.month < (SELECT MAX(month) FROM stock_monthbalance)
) k
LEFT JOIN stock_item i ON i.id = k.item_id LEFT JOIN stock_place s ON s.id = k.place_id
GROUP BY k.month, k.item_id, k.lot_id, k.owner_id, k.place_id, i.code, s.code
HAVING SUM(k.book_q) <> SUM(k.kept_q) OR SUM(k.book_v) <> SUM(k.kept_v)
ORDER BY k.month, k.item_id
"""


def business_days(vendor: str) -> str:
    """A posting's business date is the company's local day of its moment."""
    if vendor == "postgresql":
        day = "(p.effective_at AT TIME ZONE c.time_zone)::date"
    else:
        day = "django_datetime_cast_date(p.effective_at, c.time_zone, 'UTC')"
    return f"""
SELECT 'stock_posting' AS "table", p.id, p.document, {day} AS expected_day, p.business_date AS found_day
FROM stock_posting p JOIN people_company c ON c.id = p.company_id
WHERE p.business_date <> {day} ORDER BY p.id
"""
