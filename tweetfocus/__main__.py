"""`python -m tweetfocus` is the command line."""

from tweetfocus.interfaces.cli import main

if __name__ == "__main__":
    main()
