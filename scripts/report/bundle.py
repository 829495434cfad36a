"""bundle.py - the page's modules (js/*.js) as one script, which the page's policy can name by its hash.

Each module becomes a function that gives its exports; imports become what those functions gave. Only the forms of
import and export that the modules use are supported: any other is an error here, so that the page has no fault.
"""
import re

IMPORT = re.compile(r"^import (?:\{([^}]*)\}|\* as (\w+)) from 'report/(\w+)';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*|\bimport\(.*|</script.*|<!--.*", re.MULTILINE | re.IGNORECASE)


def as_function(name, text):
    """(the names of the modules that it imports, a statement that makes the module)"""
    needed = [match[3] for match in IMPORT.finditer(text)]
    names = EXPORT.findall(text)
    text = EXPORT.sub("", IMPORT.sub(as_constant, text))
    left = LEFT.search(text)
    if left:
        raise ValueError(f"js/{name}.js: the bundle cannot have '{left[0]}'")
    return needed, f"modules.{name} = (() => {{\n{text}\nreturn {{ {', '.join(names)} }};\n}})();\n"


def as_constant(match):
    """What an import becomes."""
    some, whole, name = match.groups()
    return f"const {whole or '{ ' + ' '.join(some.split()).replace(' as ', ': ') + ' }'} = modules.{name};\n"


def bundle(folder):
    """The text of one script that does what js/main.js does."""
    modules = {path.stem: as_function(path.stem, path.read_text(encoding="utf-8"))
               for path in sorted(folder.glob("*.js"))}
    order, under_way = [], []

    def add(name):
        if name in under_way:
            raise ValueError(f"js/{name}.js imports itself, by way of {', '.join(under_way)}")
        if name not in modules:
            raise ValueError(f"js/{under_way[-1]}.js imports {name}, which is not there")
        if name not in order:
            under_way.append(name)
            for needed in modules[name][0]:
                add(needed)
            order.append(under_way.pop())

    add("main")
    return "'use strict';\n(() => {\nconst modules = {};\n" + "".join(modules[name][1] for name in order) + "})();\n"
