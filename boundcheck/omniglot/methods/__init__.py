"""Methods of learning representations, compared on Omniglot: one budget, several seeds, one page.

====================  ====================================================================================================
:mod:`.catalogue`     which methods there are, of which level, and what is published of them
:mod:`.runs`          what is trained and embedded, where it lies, and how a comparison that was stopped goes on
:mod:`.measures`      what is measured of one embedding
:mod:`.differences`   what several runs of each method say together: means over seeds, paired differences
:mod:`.comparison`    all of it, in the time there is, as one summary of plain JSON types
:mod:`.tables`        the tables and files that a summary makes
====================  ====================================================================================================
"""
