//! The events of an exchange that nobody has taken yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Event;

/// What the policies of one exchange said and did. Clones share it, so what was said is known even if the chain is
/// dropped while a later policy runs.
#[derive(Clone, Debug, Default)]
pub struct Events(Arc<Mutex<Vec<Event>>>);

impl Events {
    /// Takes what happened since the last call of this.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.lock())
    }

    pub(crate) fn push(&self, event: Event) {
        self.lock().push(event);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
