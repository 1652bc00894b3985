//! What is shown, found by its role and accessible name, and what can be done with it.
//!
//! A `Control` is a way to find something, not the thing: it is looked for anew each time, and waited for.

use std::fmt;

use fantoccini::elements::Element;
use serde_json::{Value, json};

use crate::{
    wait::{LIMIT, found, until},
    window::Window,
};

#[derive(Clone)]
pub(crate) struct Control<'w> {
    window: &'w Window,
    /// Roles and names, each inside the one before. A name that ends with “…” is the beginning of one; an empty name is
    /// any.
    path: Vec<(&'static str, String)>,
}

/// The roles that the tests ask for, in the window and inside something in it.
macro_rules! roles {
    ($($method:ident: $role:literal),* $(,)?) => {
        impl Window {
            $(#[allow(dead_code)]
            pub(crate) fn $method(&self, name: &str) -> Control<'_> {
                Control { window: self, path: vec![($role, name.to_owned())] }
            })*
        }

        impl<'w> Control<'w> {
            $(#[allow(dead_code)]
            pub(crate) fn $method(&self, name: &str) -> Control<'w> {
                let mut inside = self.clone();
                inside.path.push(($role, name.to_owned()));
                inside
            })*
        }
    };
}

roles! {
    alert: "alert",
    button: "button",
    check_box: "checkbox",
    check_item: "menuitemcheckbox",
    dialog: "dialog",
    heading: "heading",
    list: "list",
    list_item: "listitem",
    log: "log",
    menu_item: "menuitem",
    option: "option",
    radio: "radio",
    status: "status",
    tab: "tab",
    table: "table",
    text_box: "textbox",
}

impl Control<'_> {
    /// Waits until it is shown.
    #[track_caller]
    pub(crate) fn wait(&self) -> &Self {
        until(&format!("{self} is shown"), || self.count() > 0);
        self
    }

    /// Waits until it is shown no more.
    #[track_caller]
    pub(crate) fn wait_gone(&self) {
        until(&format!("{self} is gone"), || self.count() == 0);
    }

    #[track_caller]
    pub(crate) fn is_shown(&self) -> bool {
        self.count() > 0
    }

    #[track_caller]
    pub(crate) fn count(&self) -> usize {
        let count = self.window.script("return find(arguments[0]).length", vec![json!(self.path)]);
        count.as_u64().and_then(|count| count.try_into().ok()).expect("a number")
    }

    /// Clicks it with the pointer, once it is there and nothing lies over it.
    #[track_caller]
    pub(crate) fn click(&self) {
        let began = std::time::Instant::now();
        loop {
            let Err(error) = self.window.wait_for(self.element().click()) else { return };
            // It was drawn anew between being found and being clicked, or something is just leaving its place.
            assert!(began.elapsed() < LIMIT, "{self} cannot be clicked: {error}");
        }
    }

    /// Clicks into it, then presses a key for each character.
    #[track_caller]
    pub(crate) fn type_text(&self, text: &str) {
        self.click();
        until(&format!("{self} has the focus"), || self.is_focused());
        self.window.type_text(text);
    }

    /// Its text as assistive technology reads it.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        self.ask("squeezed(textOf(element))")
    }

    /// The texts of all that are found, in their order.
    #[track_caller]
    pub(crate) fn texts(&self) -> Vec<String> {
        let script = "return find(arguments[0]).map((element) => squeezed(textOf(element)))";
        serde_json::from_value(self.window.script(script, vec![json!(self.path)])).expect("texts")
    }

    /// What stands in a field.
    #[track_caller]
    pub(crate) fn value(&self) -> String {
        self.ask("element.value")
    }

    /// The text of what describes it: a hint, or what is wrong.
    #[track_caller]
    pub(crate) fn description(&self) -> String {
        let by = "(element.getAttribute('aria-describedby') ?? '').split(' ')";
        self.ask(&format!("squeezed({by}.map((id) => textOf(document.getElementById(id) ?? new Text())).join(' '))"))
    }

    #[track_caller]
    pub(crate) fn is_focused(&self) -> bool {
        self.ask::<bool>("element.contains(document.activeElement)")
    }

    #[track_caller]
    pub(crate) fn is_enabled(&self) -> bool {
        self.ask::<bool>("!element.disabled && element.ariaDisabled !== 'true'")
    }

    /// What the expression says of the element.
    #[track_caller]
    pub(crate) fn ask<T: serde::de::DeserializeOwned>(&self, expression: &str) -> T {
        let script = format!("const [element] = find(arguments[0]); return element ? [{expression}] : null");
        let answer = found(&format!("{self} is shown"), || {
            self.window.script(&script, vec![json!(self.path)]).as_array_mut().map(|answer| answer.remove(0))
        });
        serde_json::from_value(answer).expect("an answer of that kind")
    }

    /// The one element that is meant: two would be a mistake of the test or of the page.
    #[track_caller]
    fn element(&self) -> Element {
        let elements = found(&format!("{self} is shown"), || {
            let found = self.window.script("return find(arguments[0])", vec![json!(self.path)]);
            found.as_array().filter(|elements| !elements.is_empty()).cloned()
        });
        let [element] = &elements[..] else { panic!("{self} is shown {} times", elements.len()) };
        let id = element.as_object().and_then(|reference| reference.values().next()).and_then(Value::as_str);
        Element::from_element_id(self.window.client().clone(), id.expect("a reference").to_owned().into())
    }
}

/// “button “Create” in dialog “New function””
impl fmt::Display for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (role, name)) in self.path.iter().rev().enumerate() {
            let before = if at == 0 { "" } else { " in " };
            write!(f, "{before}{role} “{name}”")?;
        }
        Ok(())
    }
}
