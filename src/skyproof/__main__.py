"""``python -m skyproof``: the command line."""

from skyproof.cli import main

if __name__ == "__main__":
    main(prog_name="skyproof")
