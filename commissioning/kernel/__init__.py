"""The vocabulary that every context shares: who acts, when, with what errors, by which table.

Pure Python. It decides nothing about a tender; it never touches a database, a request or a clock
other than the one that is passed in.
"""
