"""outputs.py - files that are written into a directory of results, which somebody else may have made."""
import os
import tempfile

from terminal import Failure


def own_directory(path):
    """The directory, made if need be. Failure: it is a link, or something else: what is behind it is not ours to change."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise Failure(f"'{path}' cannot be written: {error.strerror}") from error
    if path.is_symlink():
        raise Failure(f"'{path}' is a link: results are written into the directory itself; remove the link")
    return path


def write(path, text):
    """Writes a file whole, in the place of what has its name: never through a link, never half."""
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
