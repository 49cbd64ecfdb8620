"""The withdrawal register: a file on another disk that outlives the database."""
