"""What the tests share: factories of rows, offices on disk, real processes and databases of their own."""
