"""The rules of a submission in plain Python: its price, its completeness, its sealing."""
