"""Reading, the part that touches a department's bytes: run as a program of its own, with limits."""
