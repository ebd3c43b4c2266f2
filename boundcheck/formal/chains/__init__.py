"""The search for proofs: chains of inequalities that Coq then checks (:func:`boundcheck.formal.chains.searched.search_proof`).

A statement is brought to a normal form, a linear combination of products of what it speaks of; rules give facts about these;
linear programming finds which facts, each times a factor that is not negative, add up to the statement.
"""
