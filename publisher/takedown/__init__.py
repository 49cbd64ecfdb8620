"""Removing published media until the platform confirms that it is gone."""
