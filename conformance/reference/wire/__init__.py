"""What adapters over HTTP have in common, whatever protocol they speak."""
