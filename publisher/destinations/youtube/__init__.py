"""YouTube: plugin.py builds the destination; client.py alone imports googleapiclient."""

import warnings

# Google's library writes nine lines on stderr, each time it is imported, from the day on which this Python is too old
# for it. An officer can do nothing about that; who keeps the server reads which Python is supported in the README.
warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.api_core\._python_version_support")
