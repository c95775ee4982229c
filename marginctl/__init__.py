"""Exact margin arithmetic for perpetual futures."""

__version__ = "0.1.0"
