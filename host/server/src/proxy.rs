//! The way of one exchange: a caller's request in, upstream's reply through the policies and out.
//!
//! Serves the paths that `routes` lists. It does not listen: `router` mounts it. The protocol crate reads and writes
//! the bytes of a dialect, and the engine runs the policies. This module connects both with HTTP.

mod admit;
mod answer;
mod asked_models;
mod body;
mod coding;
mod delivery;
mod dialect;
mod dispatch;
mod error;
mod exchange;
mod failed;
mod form;
mod forward;
mod headers;
mod health;
mod heartbeat;
mod judged;
mod offload;
mod one_behind;
mod passing;
mod policy_call;
mod reading;
mod reply;
mod stored;
mod turned_away;

use std::sync::Arc;
use std::time::Duration;

use sluice_engine::Registry;
use sluice_protocol::Limits;
use tokio_util::sync::CancellationToken;

use crate::auth::Gate;
use crate::caller::Sessions;
use crate::recorder::Recorder;
use crate::reload::PassthroughHandle;
use crate::upstream::Upstreams;

pub(crate) use admit::admit;
pub(crate) use dispatch::serve;
pub use error::Error;
pub(crate) use health::{health, is_vital};
pub(crate) use offload::Offload;
pub(crate) use turned_away::turn_away;

/// The bounds of every exchange.
#[derive(Clone, Debug)]
pub struct Config {
    /// The largest body of a request, in bytes. A larger one is refused with a 413.
    pub max_body_bytes: usize,
    /// The bounds within a request and a reply.
    pub limits: Limits,
    /// The longest time that a caller waits without a heartbeat while its reply is held for policies.
    pub heartbeat: Duration,
    /// The longest time that a caller may take to send a body that policies judge. For a body that is passed on
    /// unjudged, the longest time without a byte.
    pub body_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_body_bytes: 32 << 20,
            limits: Limits::default(),
            // Claude Code warns after 20 s without bytes.
            heartbeat: Duration::from_secs(5),
            body_timeout: Duration::from_secs(60),
        }
    }
}

/// What the proxy's handlers share.
#[derive(Clone)]
pub struct State {
    pub(crate) config: Arc<Config>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) upstreams: Upstreams,
    /// The paths that the operator lets through unjudged.
    pub(crate) passthrough: PassthroughHandle,
    pub(crate) recorder: Recorder,
    /// Decides which callers come in.
    pub(crate) gate: Gate,
    /// What is remembered of sessions.
    pub(crate) sessions: Sessions,
    /// The threads that large requests and replies are worked on.
    pub(crate) offload: Offload,
    /// Cancelled when a shutdown has taken too long. What still runs then ends with an error.
    pub(crate) cut: CancellationToken,
}
