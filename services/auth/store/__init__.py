"""Auth's tables and queries. Every function works in the transaction of the connection that it is given; the clock is
Postgres's."""
