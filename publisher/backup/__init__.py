"""One encrypted file of a whole office, taken while it works; and an office made from it again."""
