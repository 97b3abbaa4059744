"""Reserved capacity: so many VMs of a size in a place, kept for who pays for them."""
