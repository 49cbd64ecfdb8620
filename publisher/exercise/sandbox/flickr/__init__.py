"""Flickr, as the sandbox plays it."""
