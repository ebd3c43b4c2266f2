"""Omniglot: the data set, the network, its training, and the experiment of Karimov's theorem on it."""
