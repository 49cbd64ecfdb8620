"""From a file that comes in to a Post that is live: intake, rendering, delivery, recovery and amendments."""
