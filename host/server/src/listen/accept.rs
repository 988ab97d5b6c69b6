//! Takes connections from the system.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::connections::{Connections, NoRoom};
use super::counts::ConnectionEvent;
use super::drive::drive;
use super::owned::Owned;
use super::{Reached, Refusal, Shared, socket};

/// How long to wait before trying again if the system could not hand over a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Where connections are let in.
pub(super) struct Door<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) connections: &'a Arc<Connections>,
    pub(super) reserve: &'a Arc<Connections>,
    pub(super) tasks: &'a Owned,
}

impl Door<'_> {
    /// Takes connections until `shutdown` is ready, then waits until all of them have ended.
    pub(super) async fn run(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        tokio::select! {
            () = shutdown => {}
            () = self.take_all(&listener) => {}
            () = self.connections.report() => {}
        }
        drop(listener);
        self.connections.log();
        self.connections.close();
        self.reserve.close();
        self.tasks.ended().await;
    }

    async fn take_all(&self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((connection, address)) => self.take(connection, address.ip()),
                // It was gone before it was taken.
                Err(error) if is_of_the_caller(&error) => {}
                Err(error) => {
                    self.connections.counts.count_unaccepted(&error);
                    self.connections.make_room();
                    // One that has just been told to go needs a moment, and the system's queue holds
                    // those who wait.
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn take(&self, connection: TcpStream, address: IpAddr) {
        let (slot, no_room) = match self.connections.admit(address) {
            Ok(slot) => (slot, None),
            Err(no_room) => {
                let refusal = self.refusal(no_room);
                match self.reserve.admit(address) {
                    Ok(slot) => (slot, Some(refusal)),
                    // Not even for a word.
                    Err(_) => return,
                }
            }
        };
        socket::prepare(&connection, self.shared.config.caller_timeout);
        let shared = Arc::clone(self.shared);
        // One that is gone by now has no address, and asks for nothing.
        let reached = connection.local_addr().ok().map(Reached);
        self.tasks
            .spawn(drive(connection, reached, slot, shared, no_room));
    }

    fn refusal(&self, no_room: NoRoom) -> Refusal {
        let connections = self.connections;
        match no_room {
            NoRoom::Full => {
                connections.counts.count(ConnectionEvent::Full);
                Refusal::Full {
                    limit: connections.max_connections,
                }
            }
            NoRoom::Address => {
                connections.counts.count(ConnectionEvent::Address);
                Refusal::Address {
                    limit: connections.max_per_address,
                }
            }
        }
    }
}

fn is_of_the_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
