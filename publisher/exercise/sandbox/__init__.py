"""A local server that behaves as Flickr and YouTube do."""
