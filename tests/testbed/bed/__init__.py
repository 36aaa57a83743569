"""The parts of the testbed: see ../README.md."""
