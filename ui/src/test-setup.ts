// What happy-dom lacks and the window uses.
