"""fitness.py - are a build directory's programs fit for measuring: built from this checkout, optimised, and
without sanitizers, coverage or extra flags?"""
import json

import building
import environment
from suite_words import text
from terminal import Failure, say

# What each option of meson may be. A newer meson has lists where an older one has words.
FIT = {
    "optimization": ("2", "3"),
    "b_sanitize": ("none", [], ["none"]),
    "b_coverage": (False,),
    "b_pgo": ("off",),
    "c_args": ([],),
    "c_link_args": ([],),
}


def why_unfit(directory):
    """Why its figures would mean nothing; None if it is fit, or not configured yet."""
    if not (directory / "build.ninja").exists():
        return None
    source = building.source_of(directory)
    if source != environment.ROOT:
        return f"it was configured for another checkout, {source}"
    try:
        with open(directory / "meson-info/intro-buildoptions.json", encoding="utf-8") as file:
            options = {option["name"]: option["value"] for option in json.load(file)}
    except (OSError, ValueError, KeyError, TypeError):
        return "meson left no word of its options"
    for name, fit in FIT.items():
        if name in options and options[name] not in fit:
            given = options[name]
            return f"it was configured with {name}={' '.join(given) if isinstance(given, list) else given}"
    return None


def choose(given):
    """The build directory: the one that was given, build/, or build-release/ where build/ is not fit for measuring."""
    for directory in (environment.ROOT, given):
        if "\n" in str(directory):
            raise Failure(f"the directory {str(directory)!r} has a line break in its name, which ninja does not allow: "
                          "rename it")
    if given is not None:
        why = why_unfit(given)
        if why:
            raise Failure(f"{given} is not fit for measuring: {why}; name another with --build")
        return given
    directory = building.DEFAULT
    why = why_unfit(directory)
    if why:
        say(text("unfit", why=why))
        directory = directory.with_name("build-release")
        why = why_unfit(directory)
        if why:
            raise Failure(f"{directory} is not fit for measuring, either: {why}; remove it, and it is made anew")
    return directory
