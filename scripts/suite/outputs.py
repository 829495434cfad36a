"""outputs.py - writes files into a directory of results, which another person may have made."""
import os
import tempfile

from terminal import Failure


def own_directory(path):
    """The directory, made if need be. Failure if it is a link or no directory: what a link points to must not be
    changed."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise Failure(f"'{path}' cannot be written: {error.strerror}") from error
    if path.is_symlink():
        raise Failure(f"'{path}' is a link: results are written into the directory itself; remove the link")
    return path


def write(path, text):
    """Replaces a file as a whole: never through a link, never in part."""
    temporary = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors="replace", dir=path.parent, prefix=".",
                                         delete=False) as file:
            temporary = file.name
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            os.unlink(temporary)
        raise Failure(f"'{path}' cannot be written: {error.strerror}") from error
