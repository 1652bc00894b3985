//! stub for type-checking
use crate::{
    deployment::Bundle,
    function::{FunctionId, Output},
};
use futures_util::future::BoxFuture;
use std::{io, path::PathBuf, sync::Arc, time::Duration};
#[derive(Clone)]
pub struct Local;
pub struct Process;
pub enum Signal {
    Output(FunctionId, Output),
    Running(FunctionId, bool),
}
pub type Starter = Arc<dyn Fn() -> BoxFuture<'static, Result<Bundle, String>> + Send + Sync>;
pub struct ScheduledOutcome {
    pub outcome: String,
}
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    RuntimeMissing(PathBuf),
    #[error("{text}")]
    Refused { text: String },
    #[error("t")]
    TimedOut(Duration),
    #[error("{0}")]
    Io(io::Error),
}
#[derive(Debug, thiserror::Error)]
#[error("a")]
pub struct AddressError;
#[derive(Debug, thiserror::Error)]
#[error("a")]
pub struct RunError;
impl Local {
    pub fn new(_: PathBuf, _: PathBuf, _: tokio::sync::mpsc::Sender<Signal>) -> io::Result<Self> {
        Ok(Self)
    }
    pub fn check(&self) -> Result<(), StartError> {
        Ok(())
    }
    pub async fn start(&self, _: FunctionId, _: Bundle) -> Result<Process, StartError> {
        Ok(Process)
    }
    pub async fn open(&self, _: FunctionId, _: Option<u16>, _: Starter) -> Result<u16, AddressError> {
        Ok(1)
    }
    pub fn switch(&self, _: FunctionId, _: Process) {}
    pub fn stop(&self, _: FunctionId) {}
    pub fn close(&self, _: FunctionId) {}
    pub fn is_running(&self, _: FunctionId) -> bool {
        false
    }
    pub fn newest_compatibility_date(&self) -> String {
        String::new()
    }
    pub async fn run_scheduled(
        &self,
        _: FunctionId,
        _: &str,
        _: i64,
        _: Duration,
    ) -> Result<ScheduledOutcome, RunError> {
        Err(RunError)
    }
    pub async fn shutdown(&self) {}
}
