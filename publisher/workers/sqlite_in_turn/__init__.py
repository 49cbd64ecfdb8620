"""Django's SQLite, with an order in which processes come to its one write lock. `base` is the backend Django loads."""
