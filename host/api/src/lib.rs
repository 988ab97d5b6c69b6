//! What the operator asks a running Sluice, and what it answers: the types of `/api/v1`.
//!
//! The server writes them and the command line reads them. They are words and numbers alone: this crate knows neither
//! how exchanges are judged nor where they are kept.

#![warn(missing_docs)]

mod agents;
mod challenge;
mod connections;
mod events;
mod exchanges;
mod export;
mod filter;
mod forget;
mod keys;
mod page;
mod policies;
mod problem;
mod search;
mod sessions;
mod status;

pub use agents::{Agent, AgentSeen};
pub use challenge::{Challenge, Proof};
pub use connections::Connections;
pub use events::{
    EventKind, Events, ExchangeFinished, ExchangeStarted, Gap, GapCause, Happening, LiveEvent,
    LiveExchange, LiveQuery, LiveVerdict, PoliciesLoaded, Relay, RelayState, Said, SaidTimes,
};
pub use exchanges::{
    Attempt, Block, Ending, Exchange, ExchangeSummary, Header, Message, NotJudged, Side, Times,
    Usage, Verdict,
};
pub use export::{ExportFormat, FormatQuery, SessionExportQuery};
pub use filter::{ExchangeFilter, ExchangeQuery, ExportQuery, SearchQuery};
pub use forget::{Erased, Hold};
pub use keys::{CreateKey, CreatedKey, Key, KeyState, Keys, Label, RotateKey};
pub use page::{FacetQuery, Order, Page, SessionQuery};
pub use policies::{LoadFailure, Policies, PolicyMode, PolicyStatus};
pub use problem::{Code, PROBLEM_TYPE, Problem};
pub use search::{Facets, Hit, Name, Snippet, SnippetPart};
pub use sessions::{JoinedSession, Session, SessionAgent, SessionKey, SessionTree};
pub use status::{RecordingStatus, Status};
