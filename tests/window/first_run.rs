//! The first minutes: the empty window and the first function.

use crate::{wait::becomes, window::Window};

#[test]
fn an_empty_window_offers_four_templates_and_opens_the_one_that_is_chosen() {
    let window = Window::open();
    window.heading("Write your first function").wait();
    let offered = ["HTTP…", "Scheduled…", "Webhook with a signature…", "Call an API with a secret…"];
    for template in offered {
        assert!(window.button(template).is_shown(), "{template}");
    }
    window.button("HTTP…").click();
    becomes(1, || window.list("Functions").list_item("").count());
    assert!(window.code().contains("export default"));
    assert!(window.text_box("Code").is_focused());
}
