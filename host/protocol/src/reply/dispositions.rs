//! What is known of what becomes of the slots of frames that wait.

use super::writing::{Disposition, Slot};

/// Names one decision. Slots of one block that is judged whole share it.
pub(crate) type Ticket = u64;

/// The ticket of what goes out as it came, whatever is decided.
pub(crate) const KEPT: Ticket = 0;

/// The decisions so far.
#[derive(Debug, Default)]
pub(crate) struct Dispositions {
    /// From the ticket behind `gone` on, since most of them are decided soon and forgotten together.
    known: Vec<Option<Disposition>>,
    gone: Ticket,
    /// Whether what nobody has decided goes.
    is_over: bool,
}

impl Dispositions {
    /// A ticket for a decision that is not taken yet.
    pub(crate) fn ticket(&mut self) -> Ticket {
        self.known.push(None);
        self.gone + self.known.len() as Ticket
    }

    pub(crate) fn settle(&mut self, ticket: Ticket, disposition: Disposition) {
        let known = self.at(ticket).and_then(|at| self.known.get_mut(at));
        if let Some(known) = known {
            *known = Some(disposition);
        }
    }

    /// What becomes of a slot. Where it is not known, the slot's frame does not go out, so it does not matter.
    pub(crate) fn of<P>(&self, slot: &Slot<P>) -> &Disposition {
        match slot.ticket {
            KEPT => &Disposition::Keeps,
            ticket => self.known(ticket).unwrap_or(&Disposition::Goes),
        }
    }

    pub(super) fn is_known(&self, ticket: Ticket) -> bool {
        self.is_over || ticket == KEPT || self.known(ticket).is_some()
    }

    /// What nobody has decided goes.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Forgets the decisions about frames that are gone. The caller knows that no other is to come about these tickets.
    pub(super) fn clear(&mut self) {
        self.gone += self.known.len() as Ticket;
        self.known.clear();
    }

    fn known(&self, ticket: Ticket) -> Option<&Disposition> {
        self.known.get(self.at(ticket)?)?.as_ref()
    }

    fn at(&self, ticket: Ticket) -> Option<usize> {
        usize::try_from(ticket.checked_sub(self.gone + 1)?).ok()
    }
}
