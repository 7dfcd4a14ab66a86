"""One HTML page that shows everything the verbs find about an account. It judges nothing itself, and asks no network for anything."""
