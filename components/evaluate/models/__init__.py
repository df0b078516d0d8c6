"""Models that are evaluated, ours and others, behind one interface: ``prepare``, then ``load``."""
