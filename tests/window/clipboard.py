# Owns a clipboard of the display, CLIPBOARD or PRIMARY: each line of its input is a JSON string that becomes its text.
# It answers "ready" when others can paste it.

import json
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk

clipboard = Gtk.Clipboard.get(Gdk.SELECTION_PRIMARY if "PRIMARY" in sys.argv else Gdk.SELECTION_CLIPBOARD)


def take(*_):
    line = sys.stdin.readline()
    if not line:
        Gtk.main_quit()
        return False
    text = json.loads(line)
    clipboard.set_text(text, len(text.encode()))
    Gdk.Display.get_default().sync()
    print("ready", flush=True)
    return True


GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, take)
Gtk.main()
