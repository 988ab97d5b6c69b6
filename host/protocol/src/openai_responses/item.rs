//! An item of a response's `output`, as blocks, and rewritten with all fields kept that are not changed.

use crate::{
    Block, BlockKind, Delivery, Wants,
    json::{Span, between_quotes, fields, fields_and_elements, string_field, with_fields},
    openai::items::{is_call, is_text, read_call, read_reasoning, read_text},
};

/// What an item is, as its `type` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    /// Parts of content, each a block.
    Message,
    /// A call that the agent runs.
    Call,
    Reasoning,
    Other,
}

impl ItemKind {
    /// What items of this `type` are.
    pub(super) fn named(kind: &str) -> Self {
        match kind {
            "message" => Self::Message,
            "reasoning" => Self::Reasoning,
            kind if is_call(kind) => Self::Call,
            _ => Self::Other,
        }
    }

    /// The kind of an item's block; of a message, that of its texts.
    pub(super) fn block(self) -> BlockKind {
        match self {
            Self::Message => BlockKind::Text,
            Self::Call => BlockKind::ToolCall,
            Self::Reasoning => BlockKind::Thinking,
            Self::Other => BlockKind::Other,
        }
    }
}

/// Reads what an item is.
pub(super) fn kind_of(json: &str) -> ItemKind {
    ItemKind::named(&string(json, "type"))
}

/// Whether policies may change or stop blocks of this kind.
pub(super) fn is_judged(kind: BlockKind, wants: &Wants) -> bool {
    wants.delivery(kind) >= Delivery::Pieces
}

/// Whether an item has a block that policies may change or stop.
pub(super) fn is_wanted(json: &str, wants: &Wants) -> bool {
    is_wanted_as(kind_of(json), json, wants)
}

/// Whether an item of this kind has a block that policies may change or stop.
pub(super) fn is_wanted_as(kind: ItemKind, json: &str, wants: &Wants) -> bool {
    match kind {
        ItemKind::Message if !judges_parts(wants) => false,
        ItemKind::Message => {
            let mut parts = parts(json).into_iter();
            parts.any(|part| is_judged(part_kind(part), wants))
        }
        kind => is_judged(kind.block(), wants),
    }
}

/// Whether policies may change or stop what parts of a message say.
pub(super) fn judges_parts(wants: &Wants) -> bool {
    is_judged(BlockKind::Text, wants) || is_judged(BlockKind::Other, wants)
}

/// The kind of a part's block.
pub(super) fn part_kind(part: &str) -> BlockKind {
    match is_text(part) {
        true => BlockKind::Text,
        false => BlockKind::Other,
    }
}

/// The blocks of an item: one for each part of a message, else one.
pub(super) fn blocks(json: &str) -> Vec<Block> {
    let other = || Block::Other(json.to_owned());
    match kind_of(json) {
        ItemKind::Message => parts(json).iter().map(|part| part_block(part)).collect(),
        ItemKind::Call => vec![read_call(json).map_or_else(other, Block::ToolCall)],
        ItemKind::Reasoning => vec![Block::Thinking(read_reasoning(json))],
        ItemKind::Other => vec![other()],
    }
}

/// The block that a part of a message says.
pub(super) fn part_block(part: &str) -> Block {
    read_text(part).map_or_else(|| Block::Other(part.to_owned()), Block::Text)
}

/// The parts of a message's content.
pub(super) fn parts(json: &str) -> Vec<&str> {
    let parts = part_spans(json).into_iter();
    parts.map(|part| part.text(json.as_bytes())).collect()
}

/// Where they stand.
pub(super) fn part_spans(json: &str) -> Vec<Span> {
    list(json.as_bytes(), "content")
}

/// The texts that stand in one of an item's lists of parts.
pub(super) fn texts_in(json: &str, list: &str) -> Vec<Option<String>> {
    let text = json.as_bytes();
    let text_of = |part: Span| {
        let part = part.bytes(text);
        let [said, refusal] = fields(part, ["text", "refusal"]).ok()?;
        said.or(refusal)?.string(part)
    };
    self::list(text, list).into_iter().map(text_of).collect()
}

/// What a field of an item says; empty where it says nothing.
pub(super) fn string(json: &str, name: &str) -> String {
    string_field(json.as_bytes(), name)
}

/// What stands between the quotes of the text of a part.
pub(super) fn raw_text(part: &str) -> &[u8] {
    let json = part.as_bytes();
    let [kind, text, refusal] = fields(json, ["type", "text", "refusal"]).unwrap_or_default();
    let said = match kind.and_then(|kind| kind.plain_string(json)) {
        Some(b"refusal") => refusal,
        _ => text,
    };
    between_quotes(said.unwrap_or_default().bytes(json))
}

/// A message with these parts as its content.
pub(super) fn set_content(json: &str, parts: &[String]) -> String {
    let content = format!("[{}]", parts.join(","));
    with_fields(json, [("content", Some(content))])
}

/// An item that says this of how far it is.
pub(super) fn set_status(json: &str, status: &str) -> String {
    let status = format!("\"{status}\"");
    with_fields(json, [("status", Some(status))])
}

/// The places of the elements of the list under this key; none where no list stands there.
fn list(text: &[u8], key: &str) -> Vec<Span> {
    let found = fields_and_elements(text, [], key);
    found.map_or_else(|_| Vec::new(), |([], elements)| elements)
}
