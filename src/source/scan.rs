//! stub
use super::*;
use crate::data::*;
use crate::diagnostic::*;
/// x
pub struct Scan;
/// x
pub struct Worker;
impl Scan {
    /// x
    pub fn new(
        _: Box<dyn Morsels>,
        _: Request,
        _: &Options,
        _: &Context,
        _: Arc<Progress>,
    ) -> Self {
        Scan
    }
    /// x
    pub fn worker(&self) -> Worker {
        Worker
    }
    /// x
    pub fn next(&self, _: &mut Worker) -> Option<Result<Vec<Batch>, Diagnostic>> {
        None
    }
}
