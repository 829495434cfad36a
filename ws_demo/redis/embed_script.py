"""embed_script.py IN.lua OUT.h: a script as a C string; an array, because a literal of this length is not portable."""
import sys

_, source, target = sys.argv
with open(source, "rb") as script, open(target, "w", encoding="ascii") as out:
    lines = [", ".join(str(byte) for byte in line) for line in script]
    out.write("static const char rooms_script[] = {\n" + ",\n".join(lines) + ", 0};\n")
