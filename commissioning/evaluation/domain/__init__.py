"""The rules of evaluation in plain Python: conflicts, moderation, scoring."""
