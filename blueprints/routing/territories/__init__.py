"""Where dealers serve: regions, cities, circles and drawn outlines, what they cover, and what they leave bare."""
