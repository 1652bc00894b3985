//! The pointer: by WebDriver, and for real through the display where a button means something to the system, too.

use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use serde_json::Value;

use crate::window::Window;

/// Where a text stands in the code first.
const PLACE: &str = "
    const walker = document.createTreeWalker(document.querySelector('.cm-content'), NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(arguments[0])
      if (at < 0) continue
      const range = document.createRange()
      range.setStart(node, at)
      range.setEnd(node, at + arguments[0].length)
      const { left, top, width, height } = range.getBoundingClientRect()
      return { left, x: left + width / 2, y: top + height / 2 }
    }";

impl Window {
    /// Moves the pointer to the first place in the code where this is written, and leaves it there.
    #[track_caller]
    pub(crate) fn point_at(&self, text: &str) {
        let place = self.place_of(text);
        let moved = PointerAction::MoveTo { duration: None, x: number(&place["x"]), y: number(&place["y"]) };
        let actions = MouseActions::new("pointer".to_owned()).then(moved);
        self.wait_for(self.client().perform_actions(actions)).expect("the pointer moves");
    }

    /// Clicks just before the first place in the code where this is written, as a mouse does.
    #[track_caller]
    pub(crate) fn click_before(&self, text: &str, button: Button) {
        let place = self.place_of(text);
        self.click_at(number(&place["left"]) + 1.0, number(&place["y"]), button);
    }

    /// Clicks at a place of the page as it is drawn now, in whatever size.
    #[track_caller]
    pub(crate) fn click_at(&self, x: f64, y: f64, button: Button) {
        let native = self.native();
        let said = self.desktop.run("xdotool", &["getwindowgeometry", "--shell", &native]);
        let [width, height] = ["WIDTH=", "HEIGHT="].map(|name| {
            let value = said.lines().find_map(|line| line.strip_prefix(name)?.parse::<f64>().ok());
            value.expect("its size")
        });
        let page = self.script("return [innerWidth, innerHeight]", vec![]);
        let scale = width / number(&page[0]);
        // The menu lies above the page.
        let [x, y] = [x * scale, height - (number(&page[1]) - y) * scale].map(|at| at.round().to_string());
        let button = (button as u8).to_string();
        self.desktop.run("xdotool", &["mousemove", "--sync", "--window", &native, &x, &y, "click", &button]);
    }

    #[track_caller]
    fn place_of(&self, text: &str) -> Value {
        self.script(PLACE, vec![text.into()])
    }
}

/// By the numbers of the display.
#[derive(Clone, Copy)]
pub(crate) enum Button {
    Left = 1,
    Middle = 2,
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}
