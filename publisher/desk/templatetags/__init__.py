"""What the templates may say of a row."""
