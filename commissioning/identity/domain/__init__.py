"""The rules of identity in plain Python: organisations, and the groups that they form."""
