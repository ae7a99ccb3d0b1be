"""The trail: what happened, who did it, when, and that nobody has rewritten it since.

Its words: event, stream, position, head, chain. Every service of every context writes here as its
last line. The trail refers to subjects by type and reference, holds digests and never content, and
never changes or removes a row.
"""
