"""What is kept how long, and how it is erased: asked by one person, confirmed by another, certified."""
