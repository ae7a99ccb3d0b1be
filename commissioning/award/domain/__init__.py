"""The award engine: plain Python, exact integers and fractions.

`problem` reads and states an award problem; `optimiser` solves it (the only place that knows a
solver); `verifier` checks any award with no solver; `comparison` sets the award beside the
lot-by-lot answer; `answer` is what is handed out. `robustness` asks how little would have to differ
for a lot to go elsewhere; `rehearsal` tries rules on invented markets before they are published.
"""
