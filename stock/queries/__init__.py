"""Every question about stock: each takes an Access, sees only its warehouses and hides costs without the right."""
