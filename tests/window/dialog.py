# Looks at a native dialog as assistive technology does. Prints its texts and buttons as JSON, or nothing where none is
# shown; with the name of a button as the argument it presses that button.

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib


def children(node):
    found = (node.get_child_at_index(index) for index in range(node.get_child_count()))
    return [child for child in found if child is not None]


def below(node):
    for child in children(node):
        yield child
        yield from below(child)


def look(press):
    programs = [each for each in children(Atspi.get_desktop(0)) if each.get_name() == "postern"]
    windows = [window for program in programs for window in children(program)]
    for dialog in windows:
        if dialog.get_role() not in (Atspi.Role.ALERT, Atspi.Role.DIALOG):
            continue
        parts = list(below(dialog))
        buttons = {part.get_name(): part for part in parts if part.get_role() == Atspi.Role.PUSH_BUTTON}
        texts = [part.get_name() for part in parts if part.get_role() == Atspi.Role.LABEL]
        if press in buttons:
            buttons[press].do_action(0)
        return json.dumps({"texts": texts, "buttons": list(buttons)})
    return ""


try:
    print(look(*sys.argv[1:] or [None]))
except GLib.GError:
    # What was being looked at has just gone: to the one who waits that is as if nothing were shown.
    pass
