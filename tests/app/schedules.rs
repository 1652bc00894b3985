//! Schedules as they are typed and kept.

use postern::wire::Code;

use crate::{Desk, function};

#[tokio::test]
async fn an_expression_is_read_in_words_with_its_next_five_runs() {
    let desk = Desk::new();
    let app = desk.start().await;
    let reading = app.read_schedule("0 2 * * *").expect("a schedule");
    assert!(reading.words.contains("02:00"), "{}", reading.words);
    assert_eq!(reading.next.len(), 5);
    assert!(reading.next.windows(2).all(|pair| pair[1] - pair[0] == 24 * 60 * 60 * 1000));
    assert_eq!(app.read_schedule("every day").expect_err("none").code, Code::InvalidSchedule);
}

#[tokio::test]
async fn one_wrong_schedule_changes_none_of_them() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { scheduled() {} }").await;
    let set = async |list: &[&str]| app.set_schedules(id, list.iter().map(|text| (*text).to_owned()).collect()).await;
    assert_eq!(
        set(&["0 2 * * *", " 0  2 * * * ", "*/5 * * * *"]).await.expect("kept").schedules,
        ["0 2 * * *", "*/5 * * * *"]
    );
    assert_eq!(set(&["0 3 * * *", "61 * * * *"]).await.expect_err("refused").code, Code::InvalidSchedule);
    assert_eq!(app.open_function(id).await.expect("it").summary.schedules, ["0 2 * * *", "*/5 * * * *"]);
    assert!(set(&[]).await.expect("none").schedules.is_empty());
}

#[tokio::test]
async fn run_now_runs_what_is_deployed_and_says_so_where_nothing_is() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { scheduled() {} }").await;
    assert_eq!(app.run_now(id, "0 2 * * *").await.expect_err("not deployed").code, Code::NotDeployed);
}
