"""Can it see? Mutants of the product, planted at import time, that the seeded lives must catch."""
