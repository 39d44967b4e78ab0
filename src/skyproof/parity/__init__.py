"""On which backends a test holds, and why not elsewhere: said by the test, kept by real runs."""
