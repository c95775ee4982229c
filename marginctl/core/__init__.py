"""Pure margin arithmetic. Standard library only: no files, no clock, no environment."""
