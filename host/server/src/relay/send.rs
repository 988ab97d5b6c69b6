//! Publishes the events of this process.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Pipeline, RedisError, RedisResult};

use super::seal::Seal;
use super::state::State;
use crate::bus::{Entry, EventId, Heard, Listener, ProcessId};

/// How often a process says that it is there.
pub(super) const BEAT: Duration = Duration::from_secs(5);

/// Reads the events of this process from the bus. Those that the bus does not keep any more by then are lost; the others
/// hear a number that is not the next one.
pub(super) struct Sending {
    outlet: Listener,
    seal: Seal,
    state: State,
    /// What was read from the bus, and not yet taken by Redis.
    pending: Vec<Arc<Entry>>,
    /// The last event that Redis took.
    last: EventId,
    is_over: bool,
}

impl Sending {
    pub(super) fn new(outlet: Listener, process: ProcessId, seal: Seal, state: State) -> Self {
        Self {
            outlet,
            seal,
            state,
            pending: Vec::new(),
            last: EventId { process, number: 0 },
            is_over: false,
        }
    }

    /// Runs until the connection fails, or the bus is closed and all is sent.
    pub(super) async fn run(
        &mut self,
        publish: &mut MultiplexedConnection,
        channel: &str,
    ) -> RedisResult<()> {
        let mut beat = tokio::time::interval(BEAT);
        loop {
            // What a lost connection left over goes first.
            if self.pending.is_empty() {
                tokio::select! {
                    heard = self.outlet.next(), if !self.is_over => self.take(heard),
                    _ = beat.tick() => {
                        let mut one = Pipeline::with_capacity(1);
                        let beat = self.seal.sign(self.last.to_string().as_bytes());
                        one.publish(channel, beat).ignore();
                        one.exec_async(publish).await?;
                    }
                }
            }
            self.send(publish, channel).await?;
            if self.is_over {
                return Ok(());
            }
        }
    }

    fn take(&mut self, heard: Heard) {
        match heard {
            Heard::Events(entries) => self.pending = entries,
            Heard::Closed => self.is_over = true,
            // The numbers tell how many there were.
            Heard::UnknownId | Heard::Missed(_) => {}
        }
    }

    /// Publishes what is pending. It stays pending if that fails: some may be sent twice, which the others recognise.
    async fn send(
        &mut self,
        publish: &mut MultiplexedConnection,
        channel: &str,
    ) -> Result<(), RedisError> {
        let Some(last) = self.pending.last().map(|entry| entry.id) else {
            return Ok(());
        };
        let mut all = Pipeline::with_capacity(self.pending.len());
        for entry in &self.pending {
            all.publish(channel, self.seal.sign(&entry.json)).ignore();
        }
        all.exec_async(publish).await?;
        let sent = self.pending.len() as u64;
        self.state.sent(sent, last.number - self.last.number - sent);
        self.last = last;
        self.pending.clear();
        Ok(())
    }
}
