"""Pages of stocktakes: plan and seal, board, count on phone and desk, judge the differences."""
