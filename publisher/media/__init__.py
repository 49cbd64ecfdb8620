"""Files in, files out: what a photo or film is, and what is made of it, in a process of its own."""
