"""The demonstration: one invented story, told by every agency's native files and by people's acts."""
