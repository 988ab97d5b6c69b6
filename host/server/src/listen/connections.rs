//! Keeps track of the connections, and decides which one has to go if there are too many.
//!
//! Connections without a running request stand in a row, the one that has waited for longest first. It makes no
//! difference whether one is kept alive or has yet to send its first request. If there is no room, the first one
//! goes. So callers who connect and send nothing push out each other, and a running request is never cut.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::counts::{ConnectionEvent, Counts};
use super::slot::{Place, Slot};
use super::{Config, Door};

/// The most connections that may have been told to go and not be gone yet. While there are so many, no other is told.
const MAX_LEAVING: usize = 256;

/// The connections of a listener.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) door: Door,
    pub(super) max_connections: usize,
    pub(super) max_per_address: usize,
    pub(super) head_timeout: Duration,
    pub(super) keep_alive_timeout: Duration,
    pub(super) counts: Arc<Counts>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// All that were not told to go, by when they came.
    open: HashMap<u64, Arc<Place>>,
    by_address: HashMap<IpAddr, usize>,
    /// Those without a request, by when they began to wait.
    waiting: BTreeMap<u64, Arc<Place>>,
    leaving: usize,
    next: u64,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    Full,
    Address,
}

impl Connections {
    pub(super) fn new(config: &Config, counts: Arc<Counts>) -> Arc<Self> {
        Arc::new(Self {
            door: config.door,
            max_connections: config.max_connections,
            max_per_address: config.per_address(),
            head_timeout: config.head_timeout,
            keep_alive_timeout: config.keep_alive_timeout,
            counts,
            state: Mutex::default(),
        })
    }

    /// Returns how many there are.
    pub(super) fn open(&self) -> usize {
        self.state().open.len()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let state = self.state();
        let none = state.open.is_empty() && state.by_address.is_empty();
        none && state.waiting.is_empty() && state.leaving == 0
    }

    /// Gives a connection from this address a place. If there is none left, one without a request has to go.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Slot, NoRoom> {
        let address = network(address);
        let mut state = self.state();
        let of_address = state.by_address.get(&address).copied().unwrap_or_default();
        let is_full = state.open.len() >= self.max_connections;
        // Who has all it may have makes room for itself.
        let own = (of_address >= self.max_per_address).then_some(address);
        if (is_full || own.is_some()) && !self.evict(&mut state, own) {
            // Where one address may have all, it is not for its sake.
            return Err(match own {
                Some(_) if self.max_per_address < self.max_connections => NoRoom::Address,
                _ => NoRoom::Full,
            });
        }
        let id = state.number();
        let place = Arc::new(Place::new(Arc::clone(self), id, address));
        *state.by_address.entry(address).or_default() += 1;
        state.open.insert(id, Arc::clone(&place));
        state.waiting.insert(id, Arc::clone(&place));
        Ok(Slot::new(place))
    }

    /// Tells a connection without a request to go, if there is one.
    pub(super) fn make_room(&self) -> bool {
        let mut state = self.state();
        self.evict(&mut state, None)
    }

    /// Tells all connections to end after their running requests.
    pub(super) fn close(&self) {
        let open: Vec<_> = self.state().open.values().map(Arc::clone).collect();
        open.iter().for_each(|place| place.close());
    }

    /// Notes that a connection has no request any more. Returns its place in the row.
    pub(super) fn wait(&self, place: &Arc<Place>) -> u64 {
        let mut state = self.state();
        let ticket = state.number();
        state.waiting.insert(ticket, Arc::clone(place));
        ticket
    }

    /// Notes that a connection has a request. From now on it can't be told to go, unless that has already happened.
    pub(super) fn work(&self, ticket: u64) {
        self.state().waiting.remove(&ticket);
    }

    /// Notes that a connection is gone.
    pub(super) fn leave(&self, place: &Place, ticket: Option<u64>) {
        let mut state = self.state();
        if let Some(ticket) = ticket {
            state.waiting.remove(&ticket);
        }
        match state.open.remove(&place.id) {
            Some(_) => state.forget(place.address),
            None => state.leaving -= 1,
        }
    }

    fn evict(&self, state: &mut State, address: Option<IpAddr>) -> bool {
        if state.leaving >= MAX_LEAVING {
            return false;
        }
        let mut waiting = state.waiting.iter();
        let Some((&ticket, _)) =
            waiting.find(|(_, place)| address.is_none_or(|address| place.address == address))
        else {
            return false;
        };
        if let Some(place) = state.waiting.remove(&ticket) {
            state.open.remove(&place.id);
            state.forget(place.address);
            state.leaving += 1;
            place.evict();
            self.counts.count(ConnectionEvent::Evicted);
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn forget(&mut self, address: IpAddr) {
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

/// Returns what counts as one address. For IPv6 it is the network, because whoever has one of its addresses has all
/// of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(prefix))
        }
        address => address,
    }
}
