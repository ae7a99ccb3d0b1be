"""The tender itself: what is bought, in which lots, by which rules, and when.

It decides what may be published and what is then frozen, which dates hold, and who is admitted to
bid for which lot. Its words: programme, competition, lot, criterion, leaf, timetable, notice, PQQ,
ITN, admission. It never reads a bid, a mark or a price, and it never changes what it has frozen.
"""
