"""`python -m corpus` is the console command `corpus`."""

from corpus.cli import main

if __name__ == "__main__":
    main()
