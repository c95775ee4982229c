"""The way in: text becomes core values, and every problem is reported with its place."""
