"""language.py - in which language the tools speak: as the terminal's own environment says, which programs do not get
(environment.py)."""
import os


# In a document of both languages: what stands before it is English, what comes after is Chinese.
BORDER = "<!-- 中文 -->\n"


def halves(document):
    """(English, Chinese) of such a document; the second is empty where there is no border."""
    english, _, chinese = document.partition(BORDER)
    return english, chinese


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
