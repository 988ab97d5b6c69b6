//! Which conversation a request belongs to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use ring::digest;
use serde_json::Value;
use sluice_protocol::{Block, Request};

use super::short;

/// The longest name of a session or an agent that is taken, in bytes. A longer one is replaced by its digest.
const LONGEST: usize = 128;
/// How many replies are remembered, so that a request that goes on from one is in its session.
const REMEMBERED: usize = 10_000;
/// Headers in which agents name their session.
const HEADERS: [&str; 6] = [
    "x-claude-code-session-id",
    "x-session-id",
    "session_id",
    "session-id",
    "agent-session-id",
    "x-session-affinity",
];
/// With what agents begin every conversation that they compacted. What follows is the summary, so it tells the conversation.
const OPENINGS: [&str; 1] = ["What did we do so far?"];

/// A session of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its name. It is unique for a caller only.
    pub key: String,
    /// What told it: the name of a header or of a field.
    pub found_by: &'static str,
    /// Which agent of the session sent the request, if it has several.
    pub agent: Option<String>,
    /// The agent that started this one.
    pub parent_agent: Option<String>,
}

/// Finds sessions. Cloning shares what is remembered.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    replies: Arc<Mutex<Replies>>,
}

/// The session of each reply that a later request may name, with its caller.
#[derive(Debug, Default)]
struct Replies {
    sessions: HashMap<(String, String), (String, &'static str)>,
    order: VecDeque<(String, String)>,
}

impl Sessions {
    /// Finds the session of a request. `caller` is empty if it is not known.
    pub fn find(&self, caller: &str, headers: &HeaderMap, request: &mut dyn Request) -> Session {
        let (key, found_by) = named_by_header(headers)
            .or_else(|| named_in_body(request))
            .or_else(|| self.of_previous(caller, request))
            .or_else(|| Some((first_message(request)?, "first message")))
            .unwrap_or_else(|| ("none".to_owned(), "nothing"));
        Session {
            key: bounded(key),
            found_by,
            agent: header(headers, "x-claude-code-agent-id").map(bounded),
            parent_agent: header(headers, "x-claude-code-parent-agent-id").map(bounded),
        }
    }

    /// Remembers which session a reply was in. The oldest ones are forgotten first.
    pub fn replied(&self, caller: &str, reply: &str, session: &Session) {
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (caller.to_owned(), bounded(reply.to_owned()));
        let is_in = (session.key.clone(), session.found_by);
        if replies.sessions.insert(name.clone(), is_in).is_none() {
            replies.order.push_back(name);
        }
        if replies.order.len() > REMEMBERED
            && let Some(oldest) = replies.order.pop_front()
        {
            replies.sessions.remove(&oldest);
        }
    }

    fn of_previous(
        &self,
        caller: &str,
        request: &mut dyn Request,
    ) -> Option<(String, &'static str)> {
        let previous = text_at(request, "/previous_response_id")?;
        let replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (caller.to_owned(), bounded(previous.clone()));
        // The reply was before the start of this process: what goes on from it is at least together.
        let known = replies.sessions.get(&name).cloned();
        Some(known.unwrap_or((previous, "previous_response_id")))
    }
}

fn named_by_header(headers: &HeaderMap) -> Option<(String, &'static str)> {
    HEADERS
        .iter()
        .find_map(|name| Some((header(headers, name)?, *name)))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn named_in_body(request: &mut dyn Request) -> Option<(String, &'static str)> {
    let user = text_at(request, "/metadata/user_id");
    if let Some(session) = user.as_deref().and_then(in_user_id) {
        return Some((session, "metadata.user_id"));
    }
    Some((text_at(request, "/prompt_cache_key")?, "prompt_cache_key"))
}

/// Claude Code writes `user_…_account_…_session_<id>`, or a JSON object with `session_id`.
fn in_user_id(user: &str) -> Option<String> {
    if let Ok(Value::Object(fields)) = serde_json::from_str(user) {
        return fields.get("session_id")?.as_str().map(str::to_owned);
    }
    let (_, session) = user.rsplit_once("_session_")?;
    (!session.is_empty()).then(|| session.to_owned())
}

fn text_at(request: &mut dyn Request, pointer: &str) -> Option<String> {
    let json = request.get(pointer)?;
    let text: String = serde_json::from_str(&json).ok()?;
    (!text.is_empty()).then_some(text)
}

/// The digest of the first thing that a person said. An agent sends it again with each request of a conversation.
fn first_message(request: &mut dyn Request) -> Option<String> {
    let count = request.message_count();
    let mut texts = (0..count.min(8))
        .flat_map(|at| request.message(at))
        .filter_map(|placed| match placed.block {
            Block::Text(text) => Some((placed.role, text)),
            _ => None,
        });
    let is_a_persons =
        |(role, _): &(String, _)| !matches!(&**role, "system" | "developer" | "assistant");
    let (_, mut said) = texts.find(is_a_persons)?;
    if OPENINGS.contains(&said.trim())
        && let Some((_, summary)) = texts.next()
    {
        said.push('\n');
        said.push_str(&summary);
    }
    Some(hash(said.as_bytes()))
}

fn bounded(name: String) -> String {
    let is_plain = name.len() <= LONGEST && !name.chars().any(char::is_control);
    if is_plain {
        name
    } else {
        hash(name.as_bytes())
    }
}

fn hash(bytes: &[u8]) -> String {
    short(digest::digest(&digest::SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests;
