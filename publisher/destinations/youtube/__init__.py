"""YouTube: plugin.py builds the destination and is the only module that imports googleapiclient."""
