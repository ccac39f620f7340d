"""What `python3 run.py` hands over to, once .venv is there."""

import sys

from devstack.commands import exec_python, run_command, run_tests
from devstack.site import serve


def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            serve()
        case ["test", *rest]:
            run_tests(rest)
        case ["bench", *rest]:
            exec_python(["-m", "benchmarks", *rest])
        case _:
            run_command(arguments)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
