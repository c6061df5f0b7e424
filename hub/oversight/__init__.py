"""What the partnership sees of its own work: counts over all children, and never a child."""
