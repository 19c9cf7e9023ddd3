"""Drop a video into a folder; a smaller one appears in another; the original is never at risk."""

__version__ = "0.1.0"
