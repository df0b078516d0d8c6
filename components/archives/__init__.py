"""Every file of a data set, loose or inside archives, read where it lies: nothing is unpacked."""
