"""Each activity: its name, its request, its outcomes."""
