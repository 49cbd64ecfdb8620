"""A notice board on the web as a destination of Publisher, with a stand-in for the board itself."""
