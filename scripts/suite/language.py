"""language.py - in which language the tools speak: as the terminal's own environment says, which programs do not get
(environment.py)."""
import os


def language():
    """'zh' where LC_ALL, LC_MESSAGES or LANG, the first that is set, names Chinese; else 'en'."""
    for name in "LC_ALL", "LC_MESSAGES", "LANG":
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def is_chinese():
    """Chinese, and not English?"""
    return language() == "zh"
