"""Who somebody is: what providers and systems prove, and what the partnership lets them be."""
