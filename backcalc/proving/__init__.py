"""Every derivative found in other ways."""
