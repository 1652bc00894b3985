//! Functions: made, named, copied, found and deleted.

use std::fs;

use crate::{
    process::lives,
    steps::TELLS_ITS_KEY,
    wait::{becomes, until},
    window::Window,
};

#[test]
fn a_function_is_named_renamed_and_duplicated() {
    let window = Window::open();
    window.button("New function").click();
    let dialog = window.dialog("New function");
    let name = dialog.text_box("Name");
    name.type_text("My Web hook!");
    becomes("my-web-hook!".to_owned(), || name.value());
    until("what is wrong is said", || name.description().contains("“!” is none of these"));
    window.press("Control+a");
    window.type_text("hubspot sync");
    becomes("hubspot-sync".to_owned(), || name.value());
    window.press("Enter");
    window.heading("hubspot-sync").wait();

    // In the code it renames what the caret is on.
    window.press("Control+p");
    window.press("F2");
    let field = window.text_box("Function name");
    until("the name has the focus", || field.is_focused());
    window.press("Control+a");
    window.type_text("crm sync");
    window.press("Enter");
    window.heading("crm-sync").wait();
    becomes(vec!["crm-sync HTTP Draft".to_owned()], || window.list("Functions").list_item("").texts());

    let code = window.code();
    window.choose("Duplicate");
    becomes(2, || window.list("Functions").list_item("").count());
    window.heading("crm-sync-1").wait();
    assert_eq!(window.code(), code);

    // A name that is taken is said before it is asked for.
    window.press("Control+p");
    window.press("F2");
    until("the name has the focus", || field.is_focused());
    window.press("Control+a");
    window.type_text("crm-sync");
    until("what is wrong is said", || field.description().contains("There is a function crm-sync already"));

    // From its row in the list it leads back there, wherever that has moved to.
    let row = |name: &str| window.list("Functions").button(name);
    window.press("Escape");
    window.press("Control+p");
    window.press("Down");
    until("the first row has the focus", || row("crm-sync HTTP Draft").is_focused());
    window.press("F2");
    until("the name has the focus", || field.is_focused());
    window.press("Escape");
    until("the row has the focus again", || row("crm-sync HTTP Draft").is_focused());
    window.press("F2");
    until("the name has the focus", || field.is_focused());
    window.press("Control+a");
    window.type_text("zeta");
    window.press("Enter");
    until("the row has the focus in its new place", || row("zeta HTTP Draft").is_focused());
    becomes(vec!["crm-sync-1 HTTP Draft".to_owned(), "zeta HTTP Draft".into()], || {
        window.list("Functions").list_item("").texts()
    });
}

#[test]
fn the_search_finds_a_function_and_opens_it() {
    let window = Window::open();
    window.create_function("billing-webhook", "Webhook");
    window.create_function("nightly-report", "Scheduled");
    window.press("Control+p");
    until("the search has the focus", || window.text_box("Search functions").is_focused());
    window.type_text("bill");
    becomes(1, || window.list("Functions").list_item("").count());
    window.press("Enter");
    window.heading("billing-webhook").wait();
    until("the code has the focus", || window.text_box("Code").is_focused());
    becomes(2, || window.list("Functions").list_item("").count());
}

#[test]
fn a_deleted_function_ends_and_leaves_nothing_in_the_database_files() {
    let window = Window::open();
    window.create_with_code("doomed", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a value made up for tests");
    let address = window.deploy();
    assert_eq!(window.get(&address).body, "the key is a value made up for tests");
    let process = window.runtime_process().expect("it runs");
    let sealed = sealed_value(&window);
    let traces: [&[u8]; 3] = [&sealed, b"the key is ${env", b"HUBSPOT_API_KEY"];
    let left = |traces: &[&[u8]]| {
        let files: Vec<_> = window.database_files().iter().map(|file| fs::read(file).expect("a file")).collect();
        traces.iter().filter(|trace| files.iter().any(|file| file.windows(trace.len()).any(|at| at == **trace))).count()
    };
    assert_eq!(left(&traces), 3, "the scan sees what is there");

    window.choose("Delete");
    let dialog = window.native_dialog();
    assert!(dialog.text().contains("Delete doomed?"), "{dialog:?}");
    assert!(dialog.text().contains(&format!("It stops answering at {address}.")), "{dialog:?}");
    assert!(
        dialog.text().contains("Its secret is deleted with it, as are its code, variables and history."),
        "{dialog:?}"
    );
    window.press_in_dialog("Cancel");
    assert_eq!(window.get(&address).status, 200);

    window.choose("Delete");
    window.native_dialog();
    window.press_in_dialog("Delete");
    window.heading("Write your first function").wait();
    until("its process has ended", || !lives(process));
    let port = address.trim_start_matches("http://").trim_end_matches('/');
    until("nothing answers any more", || std::net::TcpStream::connect(port).is_err());
    becomes(0, || left(&traces));
}

fn sealed_value(window: &Window) -> Vec<u8> {
    let database = window.desktop.data().join("postern.db");
    let database = rusqlite::Connection::open_with_flags(database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let sealed = "SELECT sealed FROM revisions";
    database.expect("the database").query_row(sealed, [], |row| row.get(0)).expect("a sealed value")
}
