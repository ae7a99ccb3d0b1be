"""The web shell: what every page stands on, whichever context it belongs to.

It decides who is let in early, when a request is committed, how an error becomes a page, how what
people type becomes an exact value, and what headers an answer carries. It knows no context: the
application hands it the user loader, the recorder of denials, the navigation and the lists of what
is waiting. It never decides a rule of procurement.
"""
