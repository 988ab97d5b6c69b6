//! What is known of what becomes of the slots of frames that wait.

use std::collections::BTreeMap;

use super::writing::{Disposition, Slot};

/// Names one decision. Slots of one block that is judged whole share it.
pub(crate) type Ticket = u64;

/// The ticket of what goes out as it came, whatever is decided.
pub(crate) const KEPT: Ticket = 0;

/// The decisions so far.
#[derive(Debug, Default)]
pub(crate) struct Dispositions {
    known: BTreeMap<Ticket, Disposition>,
    last: Ticket,
    /// Whether what nobody has decided goes.
    is_over: bool,
}

impl Dispositions {
    /// A ticket for a decision that is not taken yet.
    pub(crate) fn ticket(&mut self) -> Ticket {
        self.last += 1;
        self.last
    }

    pub(crate) fn settle(&mut self, ticket: Ticket, disposition: Disposition) {
        if ticket != KEPT {
            self.known.insert(ticket, disposition);
        }
    }

    /// What becomes of a slot. Where it is not known, the slot's frame does not go out, so it does not matter.
    pub(crate) fn of<P>(&self, slot: &Slot<P>) -> &Disposition {
        match (slot.ticket, self.known.get(&slot.ticket)) {
            (KEPT, _) => &Disposition::Keeps,
            (_, Some(known)) => known,
            (_, None) => &Disposition::Goes,
        }
    }

    pub(super) fn is_known(&self, ticket: Ticket) -> bool {
        self.is_over || ticket == KEPT || self.known.contains_key(&ticket)
    }

    /// What nobody has decided goes.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Forgets the decisions about frames that are gone.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}
