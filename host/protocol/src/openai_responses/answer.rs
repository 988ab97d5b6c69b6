//! A whole reply of Sluice's own making, where a policy answers in upstream's place.

use bytes::{Bytes, BytesMut};

use super::{
    RULES,
    made::response_event,
    response::{blank, completed, with_output},
    writer::{Numbers, Output},
};
use crate::{Block, reply::tally::answered};

/// A legal reply of these texts and tool calls: a JSON body, or a complete stream.
///
/// Texts stand before tool calls, blank ones are left out, every tool call gets an id of the host's making, and other kinds
/// of block are left out. `id_seed` names the reply; one per exchange keeps ids apart within a conversation.
pub fn answer(model: &str, id_seed: &str, blocks: &[Block], streaming: bool) -> Bytes {
    let (made, _) = answered(blocks, id_seed, &RULES);
    let mut output = Output::default();
    output.identify(RULES.seed(id_seed));
    made.iter().for_each(|made| output.add(made));
    let response = blank(&format!("resp_{id_seed}"), model);
    let whole = completed(&with_output(&response, &output.done()));
    if !streaming {
        return Bytes::from(whole);
    }
    let begun = ["response.created", "response.in_progress"];
    let mut frames = begun.map(|name| response_event(name, &response)).to_vec();
    frames.extend(output.take_own());
    frames.push(response_event("response.completed", &whole));
    let mut numbers = Numbers::default();
    let mut stream = BytesMut::new();
    for frame in frames {
        stream.extend_from_slice(&numbers.count_own(&frame));
    }
    stream.freeze()
}
