"""lab_batch.py - lab.sh batch DIR: judges the hand-ins of a class, and prints a table (CSV).

DIR/STUDENT/NN_NAME/NAME.c is judged as `check` does, one after another. Each has limits and a process group of its own
(lab_program.py), and all run without a network but their own loopback, where the kernel lets us have one.
"""
import csv
import ctypes
import fcntl
import os
import pathlib
import socket
import struct
import sys

import lab_check
import lab_words
from terminal import Failure

COLUMNS = ("student", "lab", "verdict", "step", "mistake", "what")
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h


def main(arguments):
    """See above. Status 0 when all hand-ins were judged, whatever came of them."""
    if len(arguments) != 1 or not os.path.isdir(arguments[0]):
        raise Failure("batch needs a directory: DIR/STUDENT/NN_NAME/NAME.c")
    directory = pathlib.Path(arguments[0])
    labs = lab_check.all_labs()
    students = sorted(path for path in directory.iterdir() if path.is_dir())
    if not any((student / lab.directory.name).is_dir() for student in students for lab in labs):
        raise Failure(f"'{directory}' has no hand-in: DIR/STUDENT/NN_NAME/NAME.c")
    if not leave_the_network():
        print("lab.sh: no network of its own here: the programs can reach what this user can", file=sys.stderr)
    table = csv.writer(sys.stdout)
    table.writerow(COLUMNS)
    for student in students:
        for lab in labs:
            if (student / lab.directory.name).is_dir():
                table.writerow((student.name, lab.directory.name, *judged(lab, student / lab.directory.name / lab.file)))
                sys.stdout.flush()
    return 0


def judged(lab, file):
    """Its columns."""
    if not file.is_file():
        return "missing", "", "", file.name
    verdict, _ = lab_check.judge(lab, file.resolve())
    if verdict is None:
        return "passed", "", "", ""
    came = lab_words.of(lab.mistakes[verdict.mistake]["came"], **verdict.figures)
    return "failed", verdict.step, verdict.mistake, " ".join(came.split())


def leave_the_network():
    """From here on, this process and its children have a loopback of their own, and nothing else. False: refused."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
    return True
