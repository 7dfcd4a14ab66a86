"""Where people, posts and follows come from: platforms and archives, read within a budget and never twice.

Each source answers one small request at a time; `collect` alone plans, waits, retries, pays attention to money and keeps the state.
Knows no index.
"""
