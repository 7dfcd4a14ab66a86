"""Ranking: from a question to scored, ordered, explained accounts.

The stages, in order: `query` (who asks), `evidence` (everything measured against the whole index), `candidates` (the pool and who
found each), `eligibility` (typed reasons to leave out), `features` and `weights` (score = sum of weight x feature), `diversity`
(order at the top), `reasons` (contributions in words). An account's score never depends on the other candidates.
"""
