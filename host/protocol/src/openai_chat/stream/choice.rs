//! One choice of a stream: the blocks whose pieces are coming in.

use super::queue::Place;
use crate::{
    Block, BlockKind, Delivery, ReplyError, ToolCall,
    json::is_object,
    openai_chat::{
        chunk::{Element, read_raw},
        turn::{Field, Ticket, Turn},
    },
};

#[derive(Debug)]
pub(super) struct Choice {
    pub(super) turn: Turn,
    /// The text or the thinking that is not over yet.
    pub(super) run: Option<Run>,
    pub(super) calls: Vec<Call>,
    /// One more than the highest index of a call so far.
    pub(super) next_call: u64,
    /// Where its first judged call begins.
    pub(super) first_call: Option<Place>,
    /// Whether content has come behind that.
    pub(super) has_late_content: bool,
    /// The calls that were handed over to be judged.
    pub(super) judged: Vec<JudgedCall>,
    pub(super) function_call: Option<Ticket>,
    /// Whether the latest that went out is of a call that nobody judges: it may not be all of it.
    pub(super) has_open_call: bool,
    /// Whether the reply was stopped before a piece of such a call had gone out.
    pub(super) loses_of_call: bool,
    pub(super) finishes: Vec<Finish>,
    /// The first frame with its role.
    pub(super) role_at: Option<u64>,
    /// Whether upstream gave a finish reason.
    pub(super) is_finished: bool,
    /// Whether all is said about it.
    pub(super) is_closed: bool,
}

/// A text or thinking as far as it has come.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) field: Field,
    pub(super) delivery: Delivery,
    /// Whether its pieces are judged as they come.
    pub(super) is_live: bool,
    pub(super) ticket: Ticket,
    pub(super) text: String,
    /// Where its latest piece stands.
    pub(super) latest: Place,
}

/// A tool call as far as it has come.
#[derive(Debug)]
pub(super) struct Call {
    /// Its `index`; none for a `function_call`, which has none.
    index: Option<u64>,
    /// The index as upstream wrote it.
    written_index: Option<u64>,
    id: String,
    name: String,
    arguments: Option<String>,
    is_custom: bool,
    /// Whether another call has its index too.
    is_beside: bool,
    ticket: Ticket,
}

/// What a piece of a call did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    /// The ticket of the call.
    pub(super) ticket: Ticket,
    /// Whether the call begins with it.
    pub(super) is_first: bool,
    /// Whether clients differ in what they make of it: a call with two names, or parts of two calls under
    /// one index.
    pub(super) is_ambiguous: bool,
    /// How many bytes more are kept of the call.
    pub(super) size: usize,
}

/// A tool call that is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct JudgedCall {
    pub(super) ticket: Ticket,
    pub(super) written_index: Option<u64>,
}

/// A finish reason that waits for what becomes of its choice.
#[derive(Debug)]
pub(super) struct Finish {
    pub(super) ticket: Ticket,
    pub(super) place: Place,
    pub(super) reason: String,
}

/// What a piece adds that goes out without anybody having judged it.
#[derive(Debug)]
pub(super) enum Said {
    Nothing,
    Text(Field, String),
    Block(BlockKind),
}

/// More tool calls in one choice than this are malformed.
const MAX_CALLS: usize = 1_024;

/// The finish reason of a choice that is not complete.
const CUT: &str = "length";

impl Choice {
    pub(super) fn new(turn: Turn) -> Self {
        Self {
            turn,
            run: None,
            calls: Vec::new(),
            next_call: 0,
            first_call: None,
            has_late_content: false,
            judged: Vec::new(),
            function_call: None,
            has_open_call: false,
            loses_of_call: false,
            finishes: Vec::new(),
            role_at: None,
            is_finished: false,
            is_closed: false,
        }
    }

    pub(super) fn note(&mut self, said: &Said) {
        self.has_open_call = matches!(said, Said::Block(BlockKind::ToolCall));
        match said {
            Said::Nothing => {}
            Said::Text(field, text) => self.turn.says(*field, text),
            Said::Block(kind) => self.turn.passes(*kind),
        }
    }

    /// Ends it with a notice: the text that goes out, and the finish reason.
    pub(super) fn stop(&mut self, notice: String) -> (String, String) {
        self.is_closed = true;
        let text = self.turn.stop(notice);
        let whole = self.finishes.first().filter(|_| !self.loses_of_call);
        let reason = match (self.has_open_call, whole) {
            (false, _) => self.turn.stop_reason().to_owned(),
            (true, Some(finish)) => finish.reason.clone(),
            // Nobody may run half a call.
            (true, None) => CUT.to_owned(),
        };
        (text, reason)
    }

    /// Adds a piece to the call that it belongs to; a call that begins with it gets `ticket`.
    pub(super) fn add_call(
        &mut self,
        data: &[u8],
        element: &Element,
        is_function_call: bool,
        ticket: Ticket,
    ) -> Result<Added, ReplyError> {
        let id = element.id.and_then(|id| id.string(data));
        let id = id.unwrap_or_default();
        let found = self.find(element.index, &id, is_function_call);
        let is_first = found.is_none();
        if is_first && self.calls.len() >= MAX_CALLS {
            return Err(ReplyError::Malformed("it has too many calls".to_owned()));
        }
        let beside = found.is_none() && self.has_index(element.index) && !is_function_call;
        let is_part = |call: &Call| call.index.is_some() && !call.is_complete();
        let splits = beside && self.calls.iter().any(is_part);
        if is_first {
            let index = element.index.unwrap_or(self.next_call);
            self.calls.push(Call {
                index: Some(index).filter(|_| !is_function_call),
                written_index: element.index,
                id: String::new(),
                name: String::new(),
                arguments: None,
                is_custom: element.is_custom,
                is_beside: beside,
                ticket,
            });
        }
        let last = self.calls.len().saturating_sub(1);
        let call = self.calls.get_mut(found.unwrap_or(last));
        let call = call.ok_or_else(ReplyError::unanswered)?;
        if call.is_custom != element.is_custom && element.arguments.is_some() {
            let fault = "a call is of two kinds".to_owned();
            return Err(ReplyError::Malformed(fault));
        }
        let size = call.size();
        let renames = call.add(data, element, id);
        Ok(Added {
            ticket: call.ticket,
            is_first,
            is_ambiguous: renames || splits || (call.is_beside && !call.is_complete()),
            size: call.size() - size,
        })
    }

    /// Counts an index that upstream gave a call.
    pub(super) fn count_call(&mut self, index: Option<u64>) {
        let next = index.map_or(self.next_call, |index| index + 1);
        self.next_call = self.next_call.max(next);
    }

    /// Whether a call has this index already; where there is none, whether there is a call.
    fn has_index(&self, index: Option<u64>) -> bool {
        let mut calls = self.calls.iter().filter_map(|call| call.index);
        calls.any(|taken| index.is_none_or(|index| index == taken))
    }

    /// The call that a piece belongs to. Some servers give all calls the same index, or none; the id
    /// tells them apart then.
    fn find(&self, index: Option<u64>, id: &str, is_function_call: bool) -> Option<usize> {
        let at = self.calls.iter().rposition(|call| {
            call.index.is_none() == is_function_call
                && (index.is_none() || is_function_call || call.index == index)
        })?;
        let call = self.calls.get(at)?;
        let is_same = id.is_empty() || call.id.is_empty() || call.id == id;
        is_same.then_some(at)
    }
}

impl Call {
    /// Adds a piece; true where it says another name.
    fn add(&mut self, data: &[u8], element: &Element, id: String) -> bool {
        if self.id.is_empty() {
            self.id = id;
        }
        if let Some(arguments) = element.arguments {
            let piece = arguments.string(data);
            let piece = piece.unwrap_or_else(|| arguments.text(data).to_owned());
            self.arguments.get_or_insert_default().push_str(&piece);
        }
        let name = element.name.and_then(|name| name.string(data));
        // Some servers repeat the name with each piece.
        let is_repeated = |name: &String| *name == self.name && element.index == self.index;
        let Some(name) = name.filter(|name| !is_repeated(name)) else {
            return false;
        };
        let renames = !self.name.is_empty();
        self.name.push_str(&name);
        renames
    }

    /// Whether no more of it can come: a merged call would be none that can be run.
    fn is_complete(&self) -> bool {
        let arguments = self.arguments.as_deref();
        arguments.is_some_and(is_object) && !self.name.is_empty()
    }

    pub(super) fn size(&self) -> usize {
        let arguments = self.arguments.as_ref().map_or(0, String::len);
        self.id.len() + self.name.len() + arguments
    }

    /// Calls are judged in the order of their indexes, a `function_call` last.
    pub(super) fn rank(&self) -> u64 {
        self.index.unwrap_or(u64::MAX)
    }

    pub(super) fn is_function_call(&self) -> bool {
        self.index.is_none()
    }

    pub(super) fn judged(&self) -> JudgedCall {
        JudgedCall {
            ticket: self.ticket,
            written_index: self.written_index,
        }
    }

    /// The finished block.
    pub(super) fn finish(self) -> Block {
        Block::ToolCall(ToolCall {
            id: self.id,
            name: self.name,
            arguments: read_raw(self.arguments.as_deref(), self.is_custom),
        })
    }
}
