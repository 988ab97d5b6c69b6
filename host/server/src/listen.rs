//! Takes connections and serves HTTP on them, with bounds on time, on the number of connections, and on the size of
//! heads.
//!
//! Does not know what is served. A connection without a running request can be closed without loss, so no caller is
//! refused while such a connection can make room. What is refused is counted and logged.

mod accept;
mod connections;
mod counts;
mod drive;
mod owned;
mod requests;
mod slot;
mod socket;
#[cfg(test)]
mod tests;
mod transport;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::request;
use axum::response::Response;
use hyper_util::rt::TokioTimer;
use hyper_util::server::conn::auto;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use connections::Connections;
use counts::Counts;
use owned::Owned;

pub use counts::Counted;

/// How many connections at once may be answered with an error because there is no room for them.
const RESERVE: usize = 16;
/// The largest head of a request, in bytes. hyper's own bound is 400 KiB.
const MAX_HEAD: usize = 256 << 10;
/// The most requests that one HTTP/2 connection may run at once.
const MAX_STREAMS: u32 = 100;
/// The interval of HTTP/2's keepalive pings, and how long their answers may take.
const PING: Duration = Duration::from_secs(60);
const PONG: Duration = Duration::from_secs(20);

/// Whose connections are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// Those of agents, within bounds that the operator sets.
    #[default]
    Agents,
    /// Those of operators, within fixed bounds. Each request tells its handler the [`Peer`] that it came from,
    /// and where it [`Reached`] the process.
    Operators,
}

/// The address that a request came from. For IPv6 it is that of the /64 network, because whoever has one address of it
/// has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The address at which the process was reached, on its own side of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached(pub SocketAddr);

/// The bounds of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whose connections they are.
    pub door: Door,
    /// The most connections.
    pub max_connections: usize,
    /// The most connections from one address; by default three quarters of all. Behind a load balancer, or on one
    /// machine, all agents share an address, so it can't be few.
    pub max_per_address: Option<usize>,
    /// The longest time for the head of a request. It runs from the start of the connection, or from the first byte
    /// after the previous request.
    pub head_timeout: Duration,
    /// The longest time that a connection may rest between two requests.
    pub keep_alive_timeout: Duration,
    /// The longest time that a caller may leave sent bytes unread. Only Linux has this.
    pub caller_timeout: Duration,
    /// How many lines of headers a request may have. Beyond 100 hyper reads each head into a table on the
    /// heap, whose traces there cost 6 KiB for each connection with 256 lines, and 12 KiB with 1,000.
    pub max_header_lines: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            door: Door::Agents,
            max_connections: 16_384,
            max_per_address: None,
            head_timeout: Duration::from_secs(30),
            // Load balancers use theirs again for up to 600 s, and whoever closes first cuts off a request.
            keep_alive_timeout: Duration::from_secs(620),
            caller_timeout: Duration::from_secs(300),
            max_header_lines: 256,
        }
    }
}

impl Config {
    /// The bounds of operators' connections. There are few operators, and they are near. Half of the connections is for
    /// those who listen to events, each of whom keeps one.
    pub fn operators() -> Self {
        Self {
            door: Door::Operators,
            max_connections: 256,
            max_per_address: None,
            head_timeout: Duration::from_secs(10),
            keep_alive_timeout: Duration::from_secs(60),
            caller_timeout: Duration::from_secs(60),
            max_header_lines: 100,
        }
    }

    /// Reduces the number of connections to what this many open files allow. Each exchange needs two, one for the
    /// caller and one for upstream; an eighth of all is kept for everything else that the process opens.
    #[must_use]
    pub fn within(self, files: u64) -> Self {
        let own = (files / 8).max(64);
        let fit = usize::try_from(files.saturating_sub(own) / 2).unwrap_or(usize::MAX);
        Self {
            max_connections: self.max_connections.min(fit.max(1)),
            ..self
        }
    }

    fn per_address(&self) -> usize {
        let most = (self.max_connections / 4 * 3).max(1);
        self.max_per_address
            .unwrap_or(most)
            .min(self.max_connections)
    }
}

/// Why a request is turned away before anybody looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Too many lines of headers.
    #[error("the request has more than {limit} lines of headers (--max-header-lines)")]
    HeaderLines {
        /// How many there may be.
        limit: usize,
    },
    /// All connections are in use.
    #[error("all {limit} connections are in use (--max-connections)")]
    Full {
        /// How many there may be.
        limit: usize,
    },
    /// All connections of the caller's address are in use.
    #[error("all {limit} connections of one address are in use (--max-connections-per-address)")]
    Address {
        /// How many there may be.
        limit: usize,
    },
}

impl Refusal {
    /// Whether the same request may succeed later.
    pub fn may_pass(self) -> bool {
        !matches!(self, Self::HeaderLines { .. })
    }
}

/// The handlers of what is served.
#[derive(Clone)]
pub struct Served {
    /// Answers the requests.
    pub router: Router,
    /// Says which requests are answered even if there is no room.
    pub is_vital: fn(&request::Parts) -> bool,
    /// Answers a request that is turned away.
    pub turn_away: fn(&request::Parts, Refusal) -> Response,
}

/// Serves HTTP, within bounds.
pub struct Server {
    config: Config,
    connections: Arc<Connections>,
    reserve: Arc<Connections>,
}

/// What the connections' tasks share.
struct Shared {
    http: auto::Builder<Owned>,
    served: Served,
    config: Config,
}

impl Server {
    /// Creates a server that does not serve yet.
    pub fn new(config: Config) -> Self {
        let counts = Arc::new(Counts::default());
        let reserve = Config {
            max_connections: RESERVE,
            max_per_address: Some(RESERVE),
            head_timeout: config.head_timeout.min(Duration::from_secs(5)),
            keep_alive_timeout: Duration::from_secs(1),
            ..config.clone()
        };
        Self {
            connections: Connections::new(&config, Arc::clone(&counts)),
            reserve: Connections::new(&reserve, counts),
            config,
        }
    }

    /// Returns a reader of how many connections there are and what was refused.
    pub fn counted(&self) -> Counted {
        Counted::new(Arc::clone(&self.connections))
    }

    /// Takes connections until `shutdown` is ready, then waits for running requests to end. Those that still run when
    /// `killed` is cancelled are dropped.
    pub async fn serve(
        self,
        listener: TcpListener,
        served: Served,
        shutdown: impl Future<Output = ()> + Send,
        killed: CancellationToken,
    ) {
        let tasks = Owned::new(killed);
        let shared = Arc::new(Shared {
            http: http(&self.config, tasks.clone()),
            served,
            config: self.config,
        });
        let door = accept::Door {
            shared: &shared,
            connections: &self.connections,
            reserve: &self.reserve,
            tasks: &tasks,
        };
        door.run(listener, shutdown).await;
    }
}

fn http(config: &Config, tasks: Owned) -> auto::Builder<Owned> {
    let mut http = auto::Builder::new(tasks);
    http.http1()
        // Somewhat more than may be, so that those who send too many can be told in words.
        .max_headers(requests::read_at_most(config.max_header_lines))
        .max_buf_size(MAX_HEAD);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    http
}
