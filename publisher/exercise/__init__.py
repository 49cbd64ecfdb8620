"""Practice without a platform: the demo, the sandbox and sample media."""
