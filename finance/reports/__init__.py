"""Questions to the journal: balances, the comparison with stock, cost of sales, differences of cost."""
