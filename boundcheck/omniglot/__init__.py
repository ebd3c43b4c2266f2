"""Omniglot: the data set, the network, its training, and the experiment of the seed's theorem on it."""
