"""Stacks that stand between runs, so that an edit costs what it changed and not a whole apply."""
