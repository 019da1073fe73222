"""The database: base class, types, transactions, and what SQLite and PostgreSQL do differently."""
