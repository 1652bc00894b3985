//! Schedules that come due while the app is open, by a clock that the test sets, on the real workerd.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use postern::{app::App, function::FunctionId};

use crate::deploying::{Desk, deploy, function, logged};

const MINUTE: i64 = 60_000;
const CODE: &str =
    "export default { scheduled({ cron, scheduledTime }) { console.log(`${cron} for ${scheduledTime}`) } }";

/// Stands still until it is set, and tells nobody then.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Half a minute before a full one that has yet to come, which is the other thing that is answered.
    fn before_a_minute() -> (Self, i64) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
        let minute = (i64::try_from(since.as_millis()).expect("it fits") / MINUTE + 2) * MINUTE;
        (Self(Arc::new(AtomicI64::new(minute - MINUTE / 2))), minute)
    }

    async fn start(&self, desk: &Desk) -> App {
        let clock = self.0.clone();
        App::open_by(desk.config(), move || clock.load(Relaxed)).await.expect("the app starts")
    }

    fn set(&self, now: i64) {
        self.0.store(now, Relaxed);
    }
}

/// A function that is deployed with a schedule of every minute.
async fn scheduled(app: &App, code: &str) -> FunctionId {
    let id = function(app, code).await;
    app.set_schedules(id, vec!["* * * * *".to_owned()]).await.expect("a schedule");
    deploy(app, id).await;
    id
}

#[tokio::test]
async fn a_schedule_runs_on_time_and_what_was_slept_through_is_said() {
    let (desk, (clock, minute)) = (Desk::new(), Clock::before_a_minute());
    let app = clock.start(&desk).await;
    let other = function(&app, CODE).await;
    let id = scheduled(&app, CODE).await;

    // By then it has looked, and waits.
    tokio::time::sleep(Duration::from_millis(200)).await;
    clock.set(minute + 5);
    // It looks again where schedules may be others.
    app.delete_function(other, false).await.expect("deleted");
    logged(&app, id, &format!("* * * * * for {minute}")).await;

    clock.set(minute + 10 * MINUTE + 5);
    deploy(&app, id).await;
    logged(&app, id, &format!("* * * * * for {}", minute + 10 * MINUTE)).await;
    let skipped = logged(&app, id, "Skipped").await.text;
    assert!(skipped.starts_with("Skipped 9 runs, from ") && skipped.ends_with("the computer was asleep."), "{skipped}");
    let ran = app.read_log(id).iter().filter(|line| line.text.starts_with('*')).count();
    assert_eq!(ran, 2, "each once");
    app.shutdown().await;
}

#[tokio::test]
async fn schedules_without_a_handler_are_said_at_the_deployment_and_run_nothing() {
    let (desk, (clock, minute)) = (Desk::new(), Clock::before_a_minute());
    let app = clock.start(&desk).await;
    let idle = scheduled(&app, "export default { fetch() {} }").await;
    logged(&app, idle, "Its schedules run nothing: the code has no scheduled handler.").await;
    let id = scheduled(&app, CODE).await;
    app.clear_log(idle);

    clock.set(minute + 5);
    deploy(&app, id).await;
    logged(&app, id, &format!("* * * * * for {minute}")).await;
    let said: Vec<String> = app.read_log(idle).into_iter().map(|line| line.text).collect();
    assert!(said.is_empty(), "{said:?}");
    app.shutdown().await;
}
