#!/usr/bin/env python3
"""Counts the instructions that queries take, and fails when one takes more than it may; see README.md.

  instructions.py [--bin target/release/spelunk]

Seconds differ by machine and by what else it does; instructions hardly do. Valgrind counts them, on 10 MB of the race's
data; it shows programs a processor with AVX2 at most. A limit is what was measured when it was set, and a tenth more: a
change that makes a query cheaper may lower it, one that makes it dearer has to say why.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

from race import HERE, ours

# Millions of instructions for 10 MB, start-up included.
LIMITS = {"Q1": 19, "Q2": 42.5, "Q3": 17.5, "Q4": 48.5, "Q6": 40.5, "Q7": 29}


def count(command, project):
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    done = subprocess.run(valgrind + command, capture_output=True, text=True, cwd=project)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"{' '.join(command)} fails under valgrind:\n{done.stderr}")
    return int(found[1]) / 1e6


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bin", default="target/release/spelunk")
    given = arguments.parse_args()
    dear = []
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "events.ndjson")
        subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), "10MB", file], check=True, stdout=subprocess.DEVNULL)
        for query, limit in LIMITS.items():
            command = ours(os.path.abspath(given.bin), query, file, "00000000-0000-0000-0000-000000000000")
            millions = count(command, os.path.join(HERE, "../.."))
            print(f"{query} {millions:6.1f} million instructions of at most {limit}", flush=True)
            if millions > limit:
                dear.append(query)
    if dear:
        sys.exit(f"dearer than they may be: {', '.join(dear)}")


if __name__ == "__main__":
    main()
