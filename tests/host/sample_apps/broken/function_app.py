raise RuntimeError("this app does not load")
