//! Describes what a policy wants to see, in words for a person.

use sluice_engine::PolicyWants;
use sluice_protocol::Delivery;

/// Returns all that it wants, on one line.
pub(super) fn wanted(wants: &PolicyWants) -> String {
    let reply = &wants.reply;
    let kinds = [
        (reply.text, "text"),
        (reply.thinking, "thinking"),
        (reply.tool_call, "tool calls"),
        (reply.other, "other blocks"),
    ];
    let kinds = kinds
        .into_iter()
        .filter_map(|(how, name)| delivery(how).map(|how| format!("{name} {how}")));
    let request = wants.request.then(|| "the request".to_owned());
    let end = reply.end.then(|| "the end".to_owned());
    let wanted = list(request.into_iter().chain(kinds).chain(end).collect());
    match wants.stateless {
        true => format!("{wanted}; it keeps nothing between calls"),
        false => wanted,
    }
}

/// Returns how a kind of block reaches a policy. Returns `None` if it does not.
pub(super) fn delivery(how: Delivery) -> Option<&'static str> {
    match how {
        Delivery::None => None,
        Delivery::Observe => Some("observed"),
        Delivery::Pieces => Some("in pieces"),
        Delivery::Whole => Some("whole"),
    }
}

/// Joins words with commas. Returns "nothing" if there are none.
pub(super) fn list(words: Vec<String>) -> String {
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}
