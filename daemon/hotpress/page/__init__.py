"""The page: shows the store in a browser, and leaves commands there. It can't reach the cloud."""
