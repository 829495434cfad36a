"""The suite's tools: `suite COMMAND ARGUMENT...`, called by scripts/COMMAND.sh. COMMAND is a module with
main(arguments).
"""
import importlib
import signal
import sys

from terminal import Failure, say_no_more


def main():
    """Runs the command. Status 2 and one line for what the user can mend; 128 and more for a signal: 130 after
    Ctrl-C, 141 (SIGPIPE) where the reader of the output has gone (`| head`)."""
    command, arguments = sys.argv[1], sys.argv[2:]
    try:
        return importlib.import_module(command).main(arguments)
    except Failure as failure:
        print(f"{command}.sh: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as ended:
        return getattr(ended, "status", 130)
    except BrokenPipeError:
        say_no_more()
        return 128 + signal.SIGPIPE


if __name__ == "__main__":
    sys.exit(main())
