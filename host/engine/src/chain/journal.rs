//! What the policies of one exchange share, and the events that they write.

use std::sync::Arc;

use crate::event::Event;
use crate::host::Exchange;

/// The exchange and what has happened in it.
pub(super) struct Journal {
    pub(super) exchange: Arc<Exchange>,
    pub(super) events: Vec<Event>,
}

impl Journal {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self {
            exchange: Arc::new(exchange),
            events: Vec::new(),
        }
    }
}
