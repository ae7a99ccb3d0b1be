"""What bidders send, and the sealing, receipt and opening of it.

It decides whether a response or a bid is complete, priced lawfully and in time. Its words: PQQ
response, bid, envelope, price schedule, receipt, key holder, opening. It never marks a bid, never
compares one with another, and until the opening it never says whether there is one.
"""
