//! The calls that clients find in a reply of Chat Completions.

use std::collections::BTreeMap;

use crate::readers::{Call, Input, Json, Kind, Place, Reader};

/// A choice as a client puts it together.
#[derive(Default)]
struct Choice {
    calls: Vec<Piece>,
    function_call: Option<Piece>,
}

/// A call, or a piece of one.
#[derive(Default)]
struct Piece {
    index: Option<usize>,
    id: String,
    name: String,
    arguments: String,
}

pub(super) fn calls(stream: &[u8], reader: &Reader) -> Vec<Call> {
    let mut choices: BTreeMap<usize, Choice> = BTreeMap::new();
    for (name, chunk) in reader.events(stream) {
        // A client that goes by names listens for events without one.
        if reader.kind == Kind::Name && !name.is_empty() {
            continue;
        }
        let list = chunk.get("choices", reader.keys).elements();
        for (at, choice) in list.iter().enumerate() {
            let index = choice.get("index", reader.keys).index().unwrap_or(at);
            let known = choices.entry(index).or_default();
            let delta = choice.get("delta", reader.keys);
            known.add(delta, reader);
            if reader.kind == Kind::Keys && !delta.is_there() {
                known.add(choice.get("message", reader.keys), reader);
            }
        }
    }
    choices.into_values().flat_map(Choice::calls).collect()
}

pub(super) fn calls_of_whole(body: &Json, reader: &Reader) -> Vec<Call> {
    let mut calls = Vec::new();
    for choice in body.get("choices", reader.keys).elements() {
        let message = choice.get("message", reader.keys);
        let list = message.get("tool_calls", reader.keys).elements().iter();
        calls.extend(list.map(|call| piece(call, reader)).map(Piece::call));
        let function_call = message.get("function_call", reader.keys);
        if function_call.is_there() {
            calls.push(inner(function_call, reader).call());
        }
    }
    calls
}

impl Choice {
    fn add(&mut self, delta: &Json, reader: &Reader) {
        for element in delta.get("tool_calls", reader.keys).elements() {
            let piece = piece(element, reader);
            match self.find(&piece, reader) {
                Some(at) => self.calls[at].add(piece, reader),
                None => self.calls.push(piece),
            }
        }
        let function_call = delta.get("function_call", reader.keys);
        if function_call.is_there() {
            let piece = inner(function_call, reader);
            match &mut self.function_call {
                Some(call) => call.add(piece, reader),
                None => self.function_call = Some(piece),
            }
        }
    }

    /// The call that a piece is added to. `None` where it begins one.
    fn find(&self, piece: &Piece, reader: &Reader) -> Option<usize> {
        let last = self.calls.len().checked_sub(1);
        match (reader.place, piece.index) {
            // It appends what does not fit.
            (Place::Position, Some(index)) => (index < self.calls.len()).then_some(index),
            (Place::Index, Some(_)) => self
                .calls
                .iter()
                .rposition(|call| call.index == piece.index),
            (Place::Latest, _) => last.filter(|_| piece.id.is_empty() && piece.name.is_empty()),
            (Place::Position | Place::Index, None) => last.filter(|_| piece.id.is_empty()),
        }
    }

    fn calls(self) -> Vec<Call> {
        let calls = self.calls.into_iter().chain(self.function_call);
        calls.map(Piece::call).collect()
    }
}

impl Piece {
    fn add(&mut self, piece: Self, reader: &Reader) {
        self.arguments += &piece.arguments;
        match reader.input {
            // Each string of a delta is added to the one before, names too.
            Input::Both => self.name += &piece.name,
            Input::Deltas if self.name.is_empty() => self.name = piece.name,
            Input::Deltas => {}
        }
    }

    fn call(self) -> Call {
        (self.name, self.arguments)
    }
}

fn piece(element: &Json, reader: &Reader) -> Piece {
    let get = |key| element.get(key, reader.keys);
    let tools = [get("function"), get("custom")];
    let tool = tools.into_iter().find(|tool| tool.is_there());
    Piece {
        index: get("index").index(),
        id: get("id").text().unwrap_or_default().to_owned(),
        ..inner(tool.unwrap_or(&Json::Null), reader)
    }
}

fn inner(tool: &Json, reader: &Reader) -> Piece {
    let get = |key| tool.get(key, reader.keys);
    let arguments = [get("arguments"), get("input")];
    let arguments = arguments.into_iter().find(|arguments| arguments.is_there());
    let arguments = arguments.map(|arguments| match arguments.text() {
        Some(text) => text.to_owned(),
        None => arguments.written(),
    });
    Piece {
        name: get("name").text().unwrap_or_default().to_owned(),
        arguments: arguments.unwrap_or_default(),
        ..Piece::default()
    }
}
