"""The hub's commands: each reads its words, asks one thing, and says it."""
