"""The database: base class, types, transactions, differences of SQLite and PostgreSQL."""
