"""The demo company 恒达机电: its data (people, goods, places), its month (story) and who builds it."""
