"""The award: which bidder wins which lot, exactly, under the published limits, and why.

What it decides: the award over all lots at once, from the evaluated prices and quality points of
the bids, under limits per bidder and per group, by the award rule that was published.

Its words:

- *award problem*: the file `award-wdp/1`: lots, bidders, bids, groups, packages, limits, objective;
- *award*: one bidder for each lot; *canonical* where several are equally good: the one whose list
  of bidder positions, read in the order of the lots, is lexicographically smallest;
- *proven*: no other award can be better, shown in exact arithmetic; *feasible*: valid, but that
  was not shown (a time limit came first);
- *group*: bidders behind whom stands one organisation, or one source of funding;
- *net price*: the price of a bid less the discounts of the packages that its bidder has won whole;
- *displaced*: a bid that is better on its lot than the winner's, but that the limits do not allow.

What it never does: give marks or prices, drop a bid because another is cheaper on the same lot,
round anything that decides, or call an award the best when that is not proven. The engine in
`domain` needs no database and no web server: `commissioning award` runs it on a file.
"""
