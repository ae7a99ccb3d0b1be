"""Replays a competition of `seed/` through the services, with an accelerated clock.

It decides nothing: it reads a scenario, invents what the record does not tell, and then does what
people would do, as those people, through the same services that the site uses. It never writes a
row of its own.
"""
