//! The log in memory.

use event_store::backend::memory::Memory;
use event_store::contract::Log;
use std::sync::Arc;

async fn with_log<F: Future<Output = ()>>(check: impl FnOnce(Log) -> F) {
    check(Arc::new(Memory::new())).await;
}

event_store::contract!(with_log);
