//! A whole reply of Sluice's own making, where a policy answers in upstream's place.

use bytes::{Bytes, BytesMut};

use super::{
    entry::Entry,
    made::response_event,
    response::{Response, blank, completed},
    turn::Turn,
};
use crate::{Block, Wants};

/// A legal reply of these texts and tool calls: a JSON body, or a complete stream.
///
/// They stand in the order in which they are given. Blank texts are left out, every tool call gets an id of
/// the host's making, and other kinds of block are left out. `id_seed` names the reply; one per exchange
/// keeps ids apart within a conversation.
pub fn answer(model: &str, id_seed: &str, blocks: &[Block], streaming: bool) -> Bytes {
    let mut turn = Turn::new(Wants {
        end: true,
        ..Wants::NOTHING
    });
    turn.identify(id_seed);
    turn.wire.note_change();
    let response = blank(&format!("resp_{id_seed}"), model);
    for name in ["response.created", "response.in_progress"] {
        turn.pass(Entry::made(response_event(name, &response)));
    }
    turn.add(blocks);
    turn.finish(Vec::new());
    let output = turn.wire.output();
    let whole = Response::parse(&response).map(|response| response.with_output(&output));
    let whole = completed(&whole.unwrap_or(response));
    if !streaming {
        return Bytes::from(whole);
    }
    turn.pass(Entry::made(response_event("response.completed", &whole)));
    let mut stream = BytesMut::new();
    for frame in turn.take_sent() {
        stream.extend_from_slice(&frame);
    }
    stream.freeze()
}
