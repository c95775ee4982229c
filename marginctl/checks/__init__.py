"""Rules for tier files: one small function a rule, whose docstring is its documentation."""
