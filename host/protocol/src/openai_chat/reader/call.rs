//! Tool calls as far as they have come.

use super::telling::Telling;
use crate::{
    Block, Delivery, ReplyError, ToolCall,
    json::is_object,
    openai_chat::chunk::{Element, read_raw},
    reply::reading::{BlockId, malformed},
};

/// The calls of a choice that may go on.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<Call>,
    /// One more than the highest index of a call so far.
    next_index: u64,
    /// Bytes that are kept of them.
    held: usize,
}

/// A tool call as far as it has come.
#[derive(Debug)]
pub(super) struct Call {
    block: BlockId,
    /// `None` for a `function_call`, which has none.
    index: Option<u64>,
    id: String,
    name: String,
    arguments: Option<String>,
    is_custom: bool,
    /// Whether another call has its index too.
    is_beside: bool,
}

/// The call to which a piece was added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    pub(super) block: BlockId,
    /// Whether the call begins with it.
    pub(super) is_first: bool,
}

/// More tool calls in one choice than this are malformed.
const MAX_CALLS: usize = 1_024;

impl Calls {
    /// Adds a piece to the call that it belongs to. What it says is kept where policies want to see it.
    pub(super) fn add(
        &mut self,
        is_function_call: bool,
        element: &Element,
        delivery: Delivery,
        telling: &mut Telling<'_>,
    ) -> Result<Added, ReplyError> {
        let is_kept = delivery != Delivery::None;
        let id = element.id.filter(|_| is_kept);
        let id = id.and_then(|id| id.string(telling.data));
        let id = id.unwrap_or_default();
        let found = self.find(element.index, &id, is_function_call);
        let is_beside = found.is_none() && !is_function_call && self.has_index(element.index);
        let is_part = |call: &Call| call.index.is_some() && !call.is_complete();
        let splits = is_beside && self.open.iter().any(is_part);
        let is_full = self.open.len() >= MAX_CALLS;
        if found.is_none() && is_full && is_kept {
            return malformed("it has too many calls");
        }
        // Of calls that nobody sees it makes no difference which one a piece is of.
        let is_first = found.is_none() && !is_full;
        if is_first {
            self.begin(is_function_call, element, is_beside, telling);
        }
        let last = self.open.len().saturating_sub(1);
        let call = self.open.get_mut(found.unwrap_or(last));
        let call = call.ok_or_else(ReplyError::unanswered)?;
        let block = call.block;
        if is_kept {
            let size = call.size();
            let is_ambiguous = call.add(telling.data, element, id)? || splits;
            self.held += call.size() - size;
            if is_ambiguous && delivery == Delivery::Whole {
                return malformed("its calls can't be told apart");
            }
        }
        Ok(Added { block, is_first })
    }

    /// Whether the latest call of this index is one of a custom tool.
    pub(super) fn is_custom(&self, index: Option<u64>) -> bool {
        let mut calls = self.open.iter().rev();
        calls
            .find(|call| call.index == index)
            .is_some_and(|call| call.is_custom)
    }

    /// No more pieces of them come. They are judged in the order of their indexes, a `function_call` last.
    pub(super) fn take(&mut self) -> Vec<Call> {
        self.held = 0;
        let mut calls = std::mem::take(&mut self.open);
        calls.sort_by_key(|call| call.index.unwrap_or(u64::MAX));
        calls
    }

    pub(super) fn held(&self) -> usize {
        self.held
    }

    fn begin(
        &mut self,
        is_function_call: bool,
        element: &Element,
        is_beside: bool,
        telling: &mut Telling<'_>,
    ) {
        let index = element.index.unwrap_or(self.next_index);
        if !is_function_call {
            self.next_index = self.next_index.max(index + 1);
        }
        self.open.push(Call {
            block: telling.next_block(),
            index: Some(index).filter(|_| !is_function_call),
            id: String::new(),
            name: String::new(),
            arguments: None,
            is_custom: element.is_custom,
            is_beside,
        });
    }

    /// Whether a call has this index already; where there is none, whether there is a call.
    fn has_index(&self, index: Option<u64>) -> bool {
        let mut calls = self.open.iter().filter_map(|call| call.index);
        calls.any(|taken| index.is_none_or(|index| index == taken))
    }

    /// The call that a piece belongs to. Some servers give all calls the same index, or none; the id tells them apart then.
    fn find(&self, index: Option<u64>, id: &str, is_function_call: bool) -> Option<usize> {
        let at = self.open.iter().rposition(|call| {
            call.index.is_none() == is_function_call
                && (index.is_none() || is_function_call || call.index == index)
        })?;
        let call = self.open.get(at)?;
        let is_same = id.is_empty() || call.id.is_empty() || call.id == id;
        is_same.then_some(at)
    }
}

impl Call {
    /// Names it.
    pub(super) fn block(&self) -> BlockId {
        self.block
    }

    /// All that it says.
    pub(super) fn finish(self) -> Block {
        Block::ToolCall(ToolCall {
            id: self.id,
            name: self.name,
            arguments: read_raw(self.arguments.as_deref(), self.is_custom),
        })
    }

    /// Adds a piece. True where clients differ in what they make of it: a call with two names, or parts of two calls under
    /// one index.
    fn add(&mut self, data: &[u8], element: &Element, id: String) -> Result<bool, ReplyError> {
        if self.is_custom != element.is_custom && element.arguments.is_some() {
            return malformed("a call is of two kinds");
        }
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
        let mut renames = false;
        if let Some(name) = name.filter(|name| !is_repeated(name)) {
            renames = !self.name.is_empty();
            self.name.push_str(&name);
        }
        Ok(renames || (self.is_beside && !self.is_complete()))
    }

    /// Whether no more of it can come: a merged call would be none that can be run.
    fn is_complete(&self) -> bool {
        let arguments = self.arguments.as_deref();
        arguments.is_some_and(is_object) && !self.name.is_empty()
    }

    fn size(&self) -> usize {
        let arguments = self.arguments.as_ref().map_or(0, String::len);
        self.id.len() + self.name.len() + arguments
    }
}
