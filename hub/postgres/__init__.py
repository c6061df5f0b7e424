"""PostgreSQL for whatever the hub keeps: the way to it, its transactions, its tables."""
