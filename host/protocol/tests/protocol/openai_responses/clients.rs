//! The calls that clients find in a stream or a body of the Responses API.
//!
//! A reply says each call several times, and clients differ in where they take it from: an agent from the end of the item, an
//! SDK from a snapshot to which it adds the deltas, another from the end of the arguments or of the reply. All of these are
//! looked for, by each of the habits of reading.

use crate::readers::{Call, Json, Kind, Place, Reader};

/// A call that comes in pieces, as a client that adds them up has it.
#[derive(Default)]
struct Snapshot {
    index: Option<usize>,
    id: Option<String>,
    kind: String,
    name: String,
    /// What its start says of its arguments.
    start: String,
    deltas: String,
}

/// Where a delta belongs.
#[derive(Clone, Copy)]
enum Address {
    Index,
    Id,
}

pub(super) fn calls(stream: &[u8], reader: &Reader) -> Vec<Call> {
    let events = reader.events(stream);
    let mut calls = Vec::new();
    for address in [Address::Index, Address::Id] {
        let mut snapshots: Vec<Snapshot> = Vec::new();
        for (name, event) in &events {
            let kind = kind(name, event, reader);
            let is = |of: &str| reader.kind == Kind::Keys || kind == of;
            calls.extend(repeated(&kind, event, reader));
            if is("response.output_item.added") {
                begin(&mut snapshots, snapshot(event, reader), reader);
            }
            let found = found(&snapshots, event, address, reader);
            let Some(snapshot) = found.and_then(|at| snapshots.get_mut(at)) else {
                continue;
            };
            let get = |key| event.get(key, reader.keys).text();
            if is("response.function_call_arguments.delta")
                || is("response.custom_tool_call_input.delta")
            {
                snapshot.deltas += get("delta").unwrap_or_default();
            }
            for (name, key) in [
                ("response.function_call_arguments.done", "arguments"),
                ("response.custom_tool_call_input.done", "input"),
            ] {
                if let (true, Some(said)) = (is(name) && is_pieced(&snapshot.kind), get(key)) {
                    calls.push((snapshot.name.clone(), filled(&snapshot.kind, said)));
                }
            }
        }
        calls.extend(snapshots.into_iter().filter_map(added_up));
    }
    calls
}

pub(super) fn calls_of_whole(body: &Json, reader: &Reader) -> Vec<Call> {
    let output = body.get("output", reader.keys).elements();
    output
        .iter()
        .filter_map(|item| call(item, reader))
        .collect()
}

fn kind(name: &str, event: &Json, reader: &Reader) -> String {
    match reader.kind {
        Kind::Name => name.to_owned(),
        Kind::Type | Kind::Keys => {
            let kind = event.get("type", reader.keys).text();
            kind.unwrap_or_default().to_owned()
        }
    }
}

/// The finished calls that an event carries.
fn repeated(kind: &str, event: &Json, reader: &Reader) -> Vec<Call> {
    let get = |key| event.get(key, reader.keys);
    let mut calls = Vec::new();
    // Who goes by the keys alone can't tell an item that begins from one that is done, but by what it says.
    let is_done = match reader.kind {
        Kind::Keys => get("item").get("status", reader.keys).text() != Some("in_progress"),
        _ => kind == "response.output_item.done",
    };
    if is_done && get("item").is_there() && !kind.ends_with(".added") {
        calls.extend(call(get("item"), reader));
    }
    if reader.kind == Kind::Keys || kind.starts_with("response.") {
        calls.extend(calls_of_whole(get("response"), reader));
    }
    calls
}

fn snapshot(event: &Json, reader: &Reader) -> Option<Snapshot> {
    let item = event.get("item", reader.keys);
    if !item.is_there() {
        return None;
    }
    let text = |key| item.get(key, reader.keys).text().map(str::to_owned);
    let kind = text("type").unwrap_or_default();
    let key = if kind == "custom_tool_call" {
        "input"
    } else {
        "arguments"
    };
    Some(Snapshot {
        index: event.get("output_index", reader.keys).index(),
        id: text("id"),
        name: text("name").unwrap_or_default(),
        start: text(key).unwrap_or_default(),
        kind,
        deltas: String::new(),
    })
}

/// Who goes by the keys alone takes an item that is there already for its end, which says all of it.
fn begin(snapshots: &mut Vec<Snapshot>, begun: Option<Snapshot>, reader: &Reader) {
    let Some(begun) = begun else { return };
    let mut known = snapshots.iter_mut().filter(|_| reader.kind == Kind::Keys);
    match known.rfind(|known| known.index == begun.index && known.kind == begun.kind) {
        Some(known) => *known = begun,
        None => snapshots.push(begun),
    }
}

fn found(snapshots: &[Snapshot], event: &Json, address: Address, reader: &Reader) -> Option<usize> {
    let index = event.get("output_index", reader.keys).index();
    let id = event.get("item_id", reader.keys).text();
    let id = id.filter(|id| !id.is_empty());
    match (address, reader.place, index) {
        (Address::Id, ..) if id.is_some() => {
            snapshots.iter().rposition(|item| item.id.as_deref() == id)
        }
        (_, Place::Position, index) => index,
        (_, Place::Index, Some(_)) => snapshots.iter().rposition(|item| item.index == index),
        // The API mixes the events of several items, so that nobody can go by the latest where there is a number.
        (_, Place::Latest, index) => {
            let named = snapshots.iter().rposition(|item| item.index == index);
            named.or_else(|| snapshots.len().checked_sub(1))
        }
        _ => None,
    }
}

/// A call whose pieces are all there. A custom tool that is given nothing has nothing to do.
fn added_up(snapshot: Snapshot) -> Option<Call> {
    let said = snapshot.start + &snapshot.deltas;
    let is_none = snapshot.kind == "custom_tool_call" && said.is_empty();
    let is_call = is_pieced(&snapshot.kind) && !is_none;
    is_call.then(|| (snapshot.name, filled(&snapshot.kind, &said)))
}

/// Whether the arguments of such a call come in pieces.
fn is_pieced(kind: &str) -> bool {
    ["function_call", "custom_tool_call"].contains(&kind)
}

/// The call that an item is.
fn call(item: &Json, reader: &Reader) -> Option<Call> {
    let get = |key| item.get(key, reader.keys);
    let kind = get("type").text()?;
    let named = |key| {
        let said = get(key);
        let said = match said.text() {
            Some(text) => filled(kind, text),
            None if said.is_there() => filled(kind, &said.written()),
            None => "{}".to_owned(),
        };
        let name = get("name").text().unwrap_or_default().to_owned();
        Some((name, said))
    };
    let own = |name: &str, key| Some((name.to_owned(), get(key).written()));
    match kind {
        "function_call" => named("arguments"),
        "custom_tool_call" => named("input"),
        "local_shell_call" => own("local_shell", "action"),
        "shell_call" => own("shell", "action"),
        "apply_patch_call" => own("apply_patch", "operation"),
        _ => None,
    }
}

/// A function without arguments has an empty object of them. The input of a custom tool is any text.
fn filled(kind: &str, said: &str) -> String {
    match kind {
        "custom_tool_call" => serde_json::Value::from(said).to_string(),
        _ if said.trim().is_empty() => "{}".to_owned(),
        _ => said.to_owned(),
    }
}
