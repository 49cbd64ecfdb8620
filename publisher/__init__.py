"""Publisher: queues, approves, posts and takes down police features and appeals."""
