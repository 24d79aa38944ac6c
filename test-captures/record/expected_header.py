"""Writes the comment lines at the top of CAPTURE.expected; keeps the findings below them.

    expected_header.py STEM SENTENCE MADE_WITH

The notes on the decisive frames are read from the capture itself, so that they stay right when it
is recorded again.
"""
import pathlib
import subprocess
import sys

from wire_notes import notes

OURS = ("# Made with:", "# On the wire:", "#   ")


def kept_lines(path):
    """All that this program has not written: everything but the first line and the marked ones."""
    if not path.exists():
        return []
    lines = path.read_text().splitlines()[1:]
    return [line for line in lines if not line.startswith(OURS)]


def main():
    stem, sentence, made_with = sys.argv[1:4]
    path = pathlib.Path(stem + ".expected")
    lines = [f"# {sentence}", f"# Made with: {made_with}", "# On the wire:"]
    lines += [f"#   {note}" for note in notes(stem + ".pcapng")]
    path.write_text("\n".join(lines + kept_lines(path)) + "\n")


if __name__ == "__main__":
    sys.exit(main())
