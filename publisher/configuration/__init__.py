"""An office's configuration: publisher.toml, secrets, policy.toml, the wording lists and the database's address."""
