//! A message while its blocks are replaced.

use super::{index::MessageSpans, result};
use crate::{
    Block, EditError, ToolCall, ToolResult,
    json::{Edit, Span, insertion, quote, removals, unescape},
    openai::{
        calls::{read_call, read_function_call, set_call, set_function_call, write_call},
        items::{read_text, set_text},
    },
    view::{Draft, FieldSpans, List, illegal},
};

/// A message as it is going to be.
#[derive(Debug)]
pub(crate) struct Content {
    spans: MessageSpans,
    speaker: Speaker,
    /// Those of its fields that hold blocks, in the order of the blocks.
    fields: [(Field, List); 5],
    /// The result that a tool's message holds instead, if it is another.
    result: Option<ToolResult>,
}

/// Whose message it is, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaker {
    Assistant,
    /// A tool, or a legacy function: the message is one result.
    Tool,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Thinking,
    Content,
    Refusal,
    ToolCalls,
    FunctionCall,
}

impl Field {
    fn key(self) -> &'static str {
        match self {
            Self::Thinking => "reasoning_content",
            Self::Content => "content",
            Self::Refusal => "refusal",
            Self::ToolCalls => "tool_calls",
            Self::FunctionCall => "function_call",
        }
    }

    fn read(self, json: &str) -> Block {
        let other = || Block::Other(json.to_owned());
        match (self, json.as_bytes()) {
            (Self::Thinking, [b'"', inner @ .., b'"']) => Block::Thinking(unescape(inner)),
            (Self::Content | Self::Refusal, [b'"', inner @ .., b'"']) => {
                Block::Text(unescape(inner))
            }
            (Self::Content, _) => read_text(json).map_or_else(other, Block::Text),
            (Self::ToolCalls, _) => read_call(json).map_or_else(other, Block::ToolCall),
            (Self::FunctionCall, _) => read_function_call(json).map_or_else(other, Block::ToolCall),
            (Self::Thinking | Self::Refusal, _) => other(),
        }
    }
}

/// A part of content that says a text.
pub(super) fn text_part(text: &str) -> String {
    format!(r#"{{"type":"text","text":{}}}"#, quote(text))
}

impl Content {
    /// The message as it stands in the body.
    pub(super) fn new(body: &[u8], spans: MessageSpans) -> Self {
        let speaker = match spans.role.string(body).as_deref() {
            Some("assistant") => Speaker::Assistant,
            Some("tool" | "function") => Speaker::Tool,
            _ => Speaker::Other,
        };
        let list = |field, span| (field, List::new(body, span));
        Self {
            spans,
            speaker,
            fields: [
                list(Field::Thinking, spans.thinking),
                list(Field::Content, spans.content),
                list(Field::Refusal, spans.refusal),
                list(Field::ToolCalls, spans.tool_calls),
                list(Field::FunctionCall, spans.function_call),
            ],
            result: None,
        }
    }

    /// The field of the block at `at`, and its place in there.
    fn find(&self, mut at: usize) -> Option<(Field, usize)> {
        for (field, list) in &self.fields {
            if at < list.count() {
                return Some((*field, at));
            }
            at -= list.count();
        }
        None
    }

    fn list(&mut self, field: Field) -> &mut List {
        &mut self.fields[field as usize].1
    }

    fn replace_result(&mut self, body: &[u8], blocks: &[Block]) -> Result<(), EditError> {
        match blocks {
            [Block::ToolResult(result)] if result.is_error => {
                Err(illegal("the API has no word for a tool that failed"))
            }
            [Block::ToolResult(result)] => {
                let old = result::read(body, &self.spans);
                self.result = Some(result.clone()).filter(|result| *result != old);
                Ok(())
            }
            _ => Err(illegal("a tool's message is one tool result")),
        }
    }

    fn replace_content(
        &mut self,
        body: &[u8],
        at: usize,
        blocks: &[Block],
    ) -> Result<(), EditError> {
        let calls: Vec<&ToolCall> = blocks.iter().filter_map(as_call).collect();
        self.check_calls(&calls)?;
        if blocks
            .iter()
            .any(|block| matches!(block, Block::ToolResult(_)))
        {
            return Err(illegal("a tool result is a message of its own"));
        }
        let said: Vec<&Block> = blocks
            .iter()
            .filter(|block| as_call(block).is_none())
            .collect();
        let list = self.list(Field::Content);
        let old = list.json(body, at).unwrap_or_default().to_owned();
        match said.as_slice() {
            [Block::Text(text)] if list.is_plain() => list.set(at, quote(text)),
            [Block::Text(text)] if read_text(&old).is_some() => {
                if Field::Content.read(&old) != Block::Text(text.clone()) {
                    list.set(at, set_text(&old, text));
                }
            }
            said => list.put(at, said.iter().map(|block| part(block)).collect()),
        }
        let last = self.list(Field::ToolCalls).count();
        let calls: Vec<String> = calls.into_iter().map(write_call).collect();
        self.add_calls(body, last, calls);
        Ok(())
    }

    fn replace_refusal(&mut self, at: usize, blocks: &[Block]) -> Result<(), EditError> {
        match blocks {
            [] => self.list(Field::Refusal).remove(at),
            [Block::Text(text)] => self.list(Field::Refusal).set(at, quote(text)),
            _ => return Err(illegal("in the place of a refusal only one text can stand")),
        }
        Ok(())
    }

    fn replace_call(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError> {
        let calls: Vec<&ToolCall> = blocks.iter().filter_map(as_call).collect();
        self.check_calls(&calls)?;
        let texts: Vec<&Block> = blocks
            .iter()
            .filter(|block| as_call(block).is_none())
            .collect();
        if texts.iter().any(|block| !matches!(block, Block::Text(_))) {
            return Err(illegal(
                "among tool calls only tool calls and texts can stand",
            ));
        }
        let list = self.list(Field::ToolCalls);
        let old = list.json(body, at).unwrap_or_default().to_owned();
        match calls.as_slice() {
            [call] => {
                if Field::ToolCalls.read(&old) != Block::ToolCall((*call).clone()) {
                    list.set(at, set_call(&old, call));
                }
            }
            calls => list.put(at, calls.iter().map(|call| write_call(call)).collect()),
        }
        self.add_texts(body, &texts);
        Ok(())
    }

    fn replace_function_call(
        &mut self,
        body: &[u8],
        at: usize,
        blocks: &[Block],
    ) -> Result<(), EditError> {
        let list = self.list(Field::FunctionCall);
        match blocks {
            [] => list.remove(at),
            [Block::ToolCall(call)] => {
                let old = list.json(body, at).unwrap_or_default().to_owned();
                list.set(at, set_function_call(&old, call));
            }
            _ => {
                let what = "in the place of a function call only one call can stand";
                return Err(illegal(what));
            }
        }
        Ok(())
    }

    fn check_calls(&self, calls: &[&ToolCall]) -> Result<(), EditError> {
        if !calls.is_empty() && self.speaker != Speaker::Assistant {
            return Err(illegal("only the assistant calls tools"));
        }
        match calls.iter().any(|call| call.id.is_empty()) {
            true => Err(illegal("a tool call needs an id")),
            false => Ok(()),
        }
    }

    fn add_calls(&mut self, body: &[u8], at: usize, calls: Vec<String>) {
        let list = self.list(Field::ToolCalls);
        if !calls.is_empty() && !list.is_plain() {
            list.insert(body, at, calls);
        }
    }

    /// Adds texts at the end of the content.
    fn add_texts(&mut self, body: &[u8], texts: &[&Block]) {
        let list = self.list(Field::Content);
        let mut parts: Vec<String> = texts.iter().map(|block| part(block)).collect();
        if parts.is_empty() {
            return;
        }
        if list.is_plain() {
            if let Block::Text(old) = Field::Content.read(list.json(body, 0).unwrap_or_default())
                && !old.is_empty()
            {
                parts.insert(0, text_part(&old));
            }
            list.put(0, parts);
        } else {
            let at = list.count();
            list.insert(body, at, parts);
        }
    }

    /// The edits that take out the fields of calls of which none are left.
    fn fields_gone(&self, body: &[u8]) -> Vec<Edit> {
        let gone: Vec<&str> = self
            .fields
            .iter()
            .filter(|(field, list)| is_gone(*field, list))
            .map(|(field, _)| field.key())
            .collect();
        if gone.is_empty() {
            return Vec::new();
        }
        let fields = FieldSpans::all(body, self.spans.whole);
        let wholes: Vec<Span> = fields.iter().map(FieldSpans::whole).collect();
        removals(&wholes, |at| {
            let name = fields[at].key.name(body);
            gone.iter().any(|gone| *name == *gone.as_bytes())
        })
    }
}

/// Whether a field has to be taken out: the API takes `null` for content, and not for calls.
fn is_gone(field: Field, list: &List) -> bool {
    let of_calls = matches!(field, Field::ToolCalls | Field::FunctionCall);
    of_calls && list.is_there() && list.count() == 0 && list.is_changed()
}

fn as_call(block: &Block) -> Option<&ToolCall> {
    match block {
        Block::ToolCall(call) => Some(call),
        _ => None,
    }
}

fn part(block: &Block) -> String {
    match block {
        Block::Text(text) => text_part(text),
        Block::Other(json) => json.clone(),
        _ => String::new(),
    }
}

impl Draft for Content {
    fn count(&self) -> usize {
        match self.speaker {
            Speaker::Tool => 1,
            _ => self.fields.iter().map(|(_, list)| list.count()).sum(),
        }
    }

    fn block(&self, body: &[u8], at: usize) -> Option<Block> {
        if self.speaker == Speaker::Tool {
            let result = self.result.clone();
            let result = result.unwrap_or_else(|| result::read(body, &self.spans));
            return (at == 0).then_some(Block::ToolResult(result));
        }
        let (field, at) = self.find(at)?;
        let json = self.fields[field as usize].1.json(body, at)?;
        Some(field.read(json))
    }

    fn span(&self, at: usize) -> Option<Span> {
        if self.speaker == Speaker::Tool {
            return (at == 0).then_some(self.spans.whole);
        }
        let (field, at) = self.find(at)?;
        self.fields[field as usize].1.span(at)
    }

    fn replace(&mut self, body: &[u8], at: usize, blocks: &[Block]) -> Result<(), EditError> {
        if self.speaker == Speaker::Tool {
            return self.replace_result(body, blocks);
        }
        if blocks.is_empty() && self.count() == 1 {
            return Err(illegal("a message must have content"));
        }
        match self.find(at) {
            Some((Field::Content, at)) => self.replace_content(body, at, blocks),
            Some((Field::Refusal, at)) => self.replace_refusal(at, blocks),
            Some((Field::ToolCalls, at)) => self.replace_call(body, at, blocks),
            Some((Field::FunctionCall, at)) => self.replace_function_call(body, at, blocks),
            // The view has said so already.
            Some((Field::Thinking, _)) | None => Err(illegal("thinking can't be replaced")),
        }
    }

    fn is_changed(&self) -> bool {
        let mut fields = self.fields.iter();
        self.result.is_some() || fields.any(|(_, list)| list.is_changed())
    }

    fn edits(&self, body: &[u8]) -> Vec<Edit> {
        if let Some(result) = &self.result {
            return result::edits(body, &self.spans, result);
        }
        let mut edits = self.fields_gone(body);
        let mut added = Vec::new();
        for (field, list) in &self.fields {
            if is_gone(*field, list) {
                continue;
            }
            match list.anew().filter(|_| !list.is_there()) {
                Some(value) => added.push(format!("{}:{value}", quote(field.key()))),
                None => edits.extend(list.edits()),
            }
        }
        if !added.is_empty() {
            edits.push(insertion(body, self.spans.whole, &added.join(",")));
        }
        edits
    }
}
