"""Who passes selection, what each bid is worth, and how the bids for a lot rank.

It decides conflicts of roles, marks, consensus, quality points and price per quality point. Its
words: assessment, mark, moderation, consensus, quality points, ranking. It never changes a bid or
the published model, has no field that overrides a computed figure, and never chooses a winner.
"""
