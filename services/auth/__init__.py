"""Auth: accounts, sessions, API keys and the tokens that every other service checks."""
