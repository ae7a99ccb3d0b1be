"""Where rows, documents and mail are kept: the database, the document store and the outbox.

It decides nothing, and knows no context.
"""
