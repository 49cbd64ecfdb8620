"""The web server of the desk."""
