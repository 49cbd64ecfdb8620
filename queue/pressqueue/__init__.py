"""The domain: the queue and its safety. No network, no pictures, no scheduler."""
