# Looks at a native dialog as assistive technology does. Prints its texts and buttons as JSON, or nothing where none is
# shown; with the name of a button as the argument it presses that button.

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi


def below(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child
            yield from below(child)


def dialogs():
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(index)
        if program is None or program.get_name() != "postern":
            continue
        for at in range(program.get_child_count()):
            window = program.get_child_at_index(at)
            if window is not None and window.get_role() in (Atspi.Role.ALERT, Atspi.Role.DIALOG):
                yield window


for dialog in dialogs():
    parts = list(below(dialog))
    buttons = [part for part in parts if part.get_role() == Atspi.Role.PUSH_BUTTON]
    if len(sys.argv) > 1:
        for button in buttons:
            if button.get_name() == sys.argv[1]:
                button.do_action(0)
    labels = [part.get_name() for part in parts if part.get_role() == Atspi.Role.LABEL]
    print(json.dumps({"texts": labels, "buttons": [button.get_name() for button in buttons]}))
    break
