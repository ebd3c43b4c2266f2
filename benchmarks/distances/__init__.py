"""Distance reductions against what else computes them: speed, peak memory and accuracy.

``python -m benchmarks.distances --out FOLDER`` measures and writes JSON, then tables and a figure from the JSON.
"""
