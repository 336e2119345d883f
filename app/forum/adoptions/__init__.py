"""Which agencies considered, adopted or declined what a lesson tells, and how it went."""
