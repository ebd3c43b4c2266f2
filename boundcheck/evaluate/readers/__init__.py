"""Readers of one term on given points, each over its own kind of numbers: floats with error, balls, exact radicals."""
