//! Sessions, and the agents in them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a session was recognised.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SessionKey {
    /// The session's name. It is unique for a caller.
    pub key: String,
    /// What told it, like the name of a header.
    pub found_by: String,
    /// Which agent of the session it is, if the session has several.
    pub agent: Option<String>,
    /// The agent that started this one.
    pub parent_agent: Option<String>,
}

/// A session, or one agent in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// A pseudonym of whose it is.
    pub caller: Option<String>,
    /// How it was recognised.
    #[serde(flatten)]
    pub key: SessionKey,
    /// When its first exchange was received, in milliseconds of Unix time.
    pub first_at_ms: u64,
    /// When its last exchange was received, in milliseconds of Unix time.
    pub last_at_ms: u64,
    /// How many exchanges it has.
    pub exchanges: u64,
    /// Why nothing of it may be erased. `null` if it may.
    pub hold: Option<String>,
    /// The session from which its conversation goes on, if its first request told: one of the same caller.
    pub continues: Option<String>,
    /// The last session that goes on from it. There may be others; its `tree` has all of them.
    pub continued_by: Option<String>,
}

/// All agents of a session, each behind the one that started it, and the sessions of its conversation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SessionTree {
    /// The agents.
    pub agents: Vec<SessionAgent>,
    /// All sessions of the conversation, each behind the one that it continues. Often it is this one alone.
    pub line: Vec<JoinedSession>,
}

/// A session of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct JoinedSession {
    /// How deep it stands: 0 for the first session of the conversation, 1 for one that continues that.
    pub depth: u64,
    /// What is known of it.
    pub session: Session,
}

/// An agent of a session.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SessionAgent {
    /// How deep it stands: 0 for an agent that no other of the session started.
    pub depth: u64,
    /// What is known of it.
    pub session: Session,
}
