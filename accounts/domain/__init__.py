"""Pure values of accounts: who acts."""
