"""The invented world: hand-written people and posts, and what is planted around them."""
