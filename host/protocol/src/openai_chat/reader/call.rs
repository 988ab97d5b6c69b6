//! Tool calls as far as they have come.

use super::telling::Telling;
use crate::{
    Block, Delivery, ToolCall,
    json::Span,
    openai_chat::chunk::{Element, read_raw},
    reply::reading::BlockId,
};

/// The calls of a choice that may go on.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<Call>,
    /// Bytes that are kept of them.
    held: usize,
}

/// A tool call as far as it has come.
#[derive(Debug)]
pub(super) struct Call {
    block: BlockId,
    /// `None` for a `function_call`, which has none.
    number: Option<u64>,
    id: String,
    name: String,
    arguments: Option<String>,
    is_custom: bool,
}

/// The call to which a piece was added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    pub(super) block: BlockId,
    /// Whether the call begins with it.
    pub(super) is_first: bool,
    /// Whether another call began in between.
    pub(super) is_torn: bool,
}

impl Calls {
    /// Adds a piece to the call with this number, or to the `function_call`. What it says is kept where policies want to see
    /// it.
    pub(super) fn add(
        &mut self,
        number: Option<u64>,
        element: &Element,
        delivery: Delivery,
        telling: &mut Telling<'_>,
    ) -> Added {
        let found = self.open.iter().rposition(|call| call.number == number);
        let last = self.open.len();
        let at = found.unwrap_or_else(|| {
            self.open.push(Call {
                block: telling.next_block(),
                number,
                id: String::new(),
                name: String::new(),
                arguments: None,
                is_custom: element.is_custom,
            });
            last
        });
        let call = &mut self.open[at];
        if delivery != Delivery::None {
            let size = call.size();
            call.add(telling.data, element);
            self.held += call.size() - size;
        }
        Added {
            block: call.block,
            is_first: found.is_none(),
            is_torn: at + 1 < last,
        }
    }

    /// Whether the call of this number is one of a custom tool.
    pub(super) fn is_custom(&self, number: Option<u64>) -> bool {
        let mut calls = self.open.iter().rev();
        calls
            .find(|call| call.number == number)
            .is_some_and(|call| call.is_custom)
    }

    /// No more pieces of them come. They are judged in the order of their numbers, a `function_call` last.
    pub(super) fn take(&mut self) -> Vec<Call> {
        self.held = 0;
        let mut calls = std::mem::take(&mut self.open);
        calls.sort_by_key(|call| call.number.unwrap_or(u64::MAX));
        calls
    }

    pub(super) fn held(&self) -> usize {
        self.held
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

    fn add(&mut self, data: &[u8], element: &Element) {
        let string = |span: Option<Span>| span.and_then(|span| span.string(data));
        if self.id.is_empty() {
            self.id = string(element.id).unwrap_or_default();
        }
        if self.name.is_empty() {
            self.name = string(element.name).unwrap_or_default();
        }
        if let Some(arguments) = element.raw_arguments(data) {
            self.arguments.get_or_insert_default().push_str(&arguments);
        }
    }

    fn size(&self) -> usize {
        let arguments = self.arguments.as_ref().map_or(0, String::len);
        self.id.len() + self.name.len() + arguments
    }
}
