//! What surrounds a request.

use std::collections::BTreeMap;

use serde::Serialize;

/// What surrounds a request, as policies read it through `request.context`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Context {
    /// The id of the exchange.
    pub exchange: String,
    /// The id of the session. `None` if it is not known.
    pub session: Option<String>,
    /// The id of the caller. `None` if it is not known.
    pub caller: Option<String>,
    /// The dialect the caller speaks.
    pub api: String,
    /// The model asked for.
    pub model: String,
    /// The path of the caller's request.
    pub path: String,
    /// Whether the caller asked for a streamed reply.
    pub streaming: bool,
    /// When the request came in: Unix time in milliseconds.
    pub received_at: u64,
    /// The caller's headers, with their names in lower case. Whoever fills this leaves out headers that carry
    /// credentials.
    pub headers: BTreeMap<String, String>,
}
