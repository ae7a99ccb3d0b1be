"""Who people and organisations are, and what they are to each other.

It decides who may sign in, which roles a person holds where, and which bidders one organisation
stands behind. Its words: organisation, person, role, ownership, consortium, group. It never knows
what a competition asks or what a bid says, and it never merges groups that merely overlap.
"""
