"""How a running hub is watched: figures, health, and lines in a log. Never anything of a child."""
