"""YouTube and Google's sign-in, as the sandbox plays them."""
