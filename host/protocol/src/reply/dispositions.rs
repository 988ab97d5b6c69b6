//! What is known of what becomes of the slots of frames that wait.

use std::collections::BTreeMap;

use super::writing::{Disposition, Slot};

/// Names one decision. Slots of one block that is judged whole share it.
pub(crate) type Ticket = u64;

/// The ticket of what goes out as it came, whatever is decided.
pub(crate) const KEPT: Ticket = 0;

/// The ticket of what goes, whatever is decided.
pub(super) const GONE: Ticket = Ticket::MAX;

/// The decisions so far.
#[derive(Debug, Default)]
pub(crate) struct Dispositions {
    /// From the ticket behind `gone` on, since most of them are decided soon and forgotten together.
    known: Vec<Option<Disposition>>,
    gone: Ticket,
    /// The tickets of the groups of the blocks with these tickets.
    groups: BTreeMap<Ticket, Ticket>,
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
        if ticket == KEPT {
            return;
        }
        if let Some(group) = self.groups.remove(&ticket)
            && disposition != Disposition::Goes
        {
            self.settle_group(group, Disposition::Keeps);
        }
        self.set(ticket, disposition);
    }

    /// A group goes out with a block of it, if that does.
    pub(super) fn join(&mut self, group: Ticket, block: Ticket) {
        match block {
            KEPT => self.settle_group(group, Disposition::Keeps),
            _ if self.is_known(group) => {}
            _ => drop(self.groups.insert(block, group)),
        }
    }

    /// Settles what becomes of a group, if it is not yet.
    pub(super) fn settle_group(&mut self, group: Ticket, disposition: Disposition) {
        if !self.is_known(group) {
            self.set(group, disposition);
        }
    }

    fn set(&mut self, ticket: Ticket, disposition: Disposition) {
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
        self.is_over || [KEPT, GONE].contains(&ticket) || self.known(ticket).is_some()
    }

    /// What nobody has decided goes.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Forgets the decisions about frames that are gone. The caller knows that no other is to come about these tickets.
    pub(super) fn clear(&mut self) {
        self.gone += self.known.len() as Ticket;
        self.known.clear();
        self.groups.clear();
    }

    /// Another reply begins, of which nothing is decided.
    pub(super) fn begin_next(&mut self) {
        self.clear();
        self.is_over = false;
    }

    fn known(&self, ticket: Ticket) -> Option<&Disposition> {
        self.known.get(self.at(ticket)?)?.as_ref()
    }

    fn at(&self, ticket: Ticket) -> Option<usize> {
        usize::try_from(ticket.checked_sub(self.gone + 1)?).ok()
    }
}
