//! Tells the calls of a choice apart, and numbers them as the API does.
//!
//! By the API's documents the pieces of a call have one `index`, the first its id and name, and the calls are counted from
//! 0. Some servers give all calls the same index or none, repeat the name with each piece, or send calls without ids.
//! Clients differ in what they make of that, so such pieces are written anew with the numbers from here.

use crate::{
    ReplyError,
    json::Span,
    openai_chat::chunk::{Element, Entry},
    reply::reading::malformed,
};

/// The calls of a choice so far.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    calls: Vec<Call>,
    /// The `function_call`, which has no number.
    function_call: Option<Call>,
    /// How many calls have a name, and so a number.
    numbered: u64,
    held: usize,
}

/// A call as far as it tells itself apart.
#[derive(Debug, Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    is_custom: bool,
    /// `None` before it has a name.
    number: Option<u64>,
    /// What came of the arguments before the name.
    early: String,
    /// Whether its arguments might be complete: they end with a brace.
    may_be_complete: bool,
}

/// The place of a piece among the calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) number: u64,
    /// Whether its call begins here.
    pub(crate) begins: bool,
    /// What came of the arguments before the call had a name.
    pub(crate) early: String,
    pub(crate) is_custom: bool,
    /// Whether every client puts it in that place, as it stands.
    pub(crate) is_plain: bool,
}

impl Placed {
    /// The place of a call in a whole reply, which tells all of it at once.
    pub(in crate::openai_chat) fn whole(element: &Element) -> Self {
        Self {
            begins: true,
            is_custom: element.is_custom,
            ..Self::default()
        }
    }
}

/// More tool calls in one choice than this are malformed.
const MAX_CALLS: usize = 1_024;

impl Numbering {
    /// The places of a choice's pieces, those of `tool_calls` first. `None` for one that waits for its call's name.
    pub(super) fn place_all(
        &mut self,
        data: &[u8],
        entry: &Entry,
        placed: &mut Vec<Option<Placed>>,
    ) -> Result<(), ReplyError> {
        for element in &entry.calls {
            placed.push(self.place(data, element)?);
        }
        if let Some(element) = &entry.function_call {
            placed.push(self.place_function_call(data, element));
        }
        Ok(())
    }

    /// The arguments of the latest call go on, in plain form.
    pub(super) fn goes_on(&mut self, data: &[u8], arguments: Span) {
        if let Some(call) = self.calls.last_mut() {
            call.may_be_complete = ends_an_object(arguments.bytes(data));
        }
    }

    /// Bytes that are kept.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    fn place(&mut self, data: &[u8], element: &Element) -> Result<Option<Placed>, ReplyError> {
        let id = text(data, element.id);
        let name = text(data, element.name);
        let at = match self.find(data, element, &id, &name) {
            Some(at) => at,
            None if self.calls.len() >= MAX_CALLS => return malformed("it has too many calls"),
            None => {
                self.calls.push(Call {
                    index: element.index,
                    is_custom: element.is_custom,
                    ..Call::default()
                });
                self.held += size_of::<Call>();
                self.calls.len() - 1
            }
        };
        let Some(call) = self.calls.get_mut(at) else {
            return Ok(None);
        };
        if call.id.is_empty() {
            self.held += id.len();
            call.id = id;
        }
        let placed = call.take(data, element, name, &mut self.held, &mut self.numbered);
        Ok(placed.map(|placed| Placed {
            is_plain: placed.is_plain && element.index == Some(placed.number),
            ..placed
        }))
    }

    fn place_function_call(&mut self, data: &[u8], element: &Element) -> Option<Placed> {
        let call = self.function_call.get_or_insert_default();
        let name = text(data, element.name);
        call.take(data, element, name, &mut self.held, &mut 0)
    }

    /// The call that a piece goes on with. `None` where another one begins.
    fn find(&self, data: &[u8], element: &Element, id: &str, name: &str) -> Option<usize> {
        let is_of = |call: &Call| match element.index {
            Some(index) => call.index == Some(index),
            None => id.is_empty() || call.id == id,
        };
        let at = self.calls.iter().rposition(is_of)?;
        let call = self.calls.get(at)?;
        let is_other_id = !id.is_empty() && !call.id.is_empty() && call.id != id;
        (!is_other_id && !call.is_over(data, element, id, name)).then_some(at)
    }
}

impl Call {
    /// Whether a piece with a name, and without an id that says otherwise, is the start of another call.
    fn is_over(&self, data: &[u8], element: &Element, id: &str, name: &str) -> bool {
        let is_same_id = !id.is_empty() && self.id == id;
        if name.is_empty() || self.name.is_empty() || is_same_id {
            return false;
        }
        let arguments = element
            .arguments
            .map_or(&b""[..], |span| inside(span.bytes(data)));
        // In JSON, what ends with a brace does not go on with one.
        let begins = match arguments.trim_ascii() {
            [] => self.name != name,
            [first, ..] => *first == b'{',
        };
        self.may_be_complete && begins
    }

    fn take(
        &mut self,
        data: &[u8],
        element: &Element,
        name: String,
        held: &mut usize,
        numbered: &mut u64,
    ) -> Option<Placed> {
        if let Some(arguments) = element.arguments {
            self.may_be_complete = ends_an_object(arguments.bytes(data));
        }
        if let Some(number) = self.number {
            let is_of_its_kind = element.is_custom == self.is_custom || element.inner.is_none();
            let is_named = !name.is_empty() || element.id.is_some();
            return Some(Placed {
                number,
                begins: false,
                early: String::new(),
                is_custom: self.is_custom,
                is_plain: element.is_plain && !is_named && is_of_its_kind,
            });
        }
        if name.is_empty() {
            let early = element.raw_arguments(data).unwrap_or_default();
            *held += early.len();
            self.early.push_str(&early);
            return None;
        }
        *held += name.len();
        *held -= self.early.len();
        let number = *numbered;
        *numbered += 1;
        self.number = Some(number);
        self.is_custom = element.is_custom;
        self.name = name;
        let early = std::mem::take(&mut self.early);
        Some(Placed {
            number,
            begins: true,
            is_custom: self.is_custom,
            is_plain: element.is_plain && early.is_empty(),
            early,
        })
    }
}

fn text(data: &[u8], span: Option<Span>) -> String {
    span.and_then(|span| span.string(data)).unwrap_or_default()
}

/// Arguments without the quotes around them.
fn inside(arguments: &[u8]) -> &[u8] {
    match arguments {
        [b'"', inside @ .., b'"'] => inside,
        _ => arguments,
    }
}

fn ends_an_object(arguments: &[u8]) -> bool {
    inside(arguments).trim_ascii_end().ends_with(b"}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openai_chat::chunk::{Chunk, Form};

    /// The number of each piece, with a `+` where its call begins, and a `!` where it is not plain.
    fn numbers(pieces: &[&str]) -> Vec<String> {
        let mut numbering = Numbering::default();
        let mut said = Vec::new();
        for piece in pieces {
            let chunk =
                format!(r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{piece}]}}}}]}}"#);
            let data = chunk.as_bytes();
            let chunk = Chunk::parse(data, Form::Delta).unwrap();
            let mut placed = Vec::new();
            for entry in &chunk.choices {
                numbering.place_all(data, entry, &mut placed).unwrap();
            }
            said.extend(placed.into_iter().map(|placed| match placed {
                None => "waits".to_owned(),
                Some(placed) => {
                    let begins = if placed.begins { "+" } else { "" };
                    let odd = if placed.is_plain { "" } else { "!" };
                    format!("{}{begins}{odd}{}", placed.number, placed.early)
                }
            }));
        }
        said
    }

    #[test]
    fn calls_of_the_api_keep_their_numbers() {
        let pieces = [
            r#"{"index":0,"id":"a","type":"function","function":{"name":"n","arguments":""}}"#,
            r#"{"index":0,"function":{"arguments":"{}"}}"#,
            r#"{"index":1,"id":"b","type":"function","function":{"name":"n","arguments":"{}"}}"#,
            r#"{"index":0,"function":{"arguments":" "}}"#,
        ];
        assert_eq!(numbers(&pieces), ["0+", "0", "1+", "0"]);
    }

    #[test]
    fn calls_that_have_no_index_or_the_same_are_told_apart() {
        let whole =
            |rest: &str| format!(r#"{{{rest}"function":{{"name":"n","arguments":"{{}}"}}}}"#);
        for (one, other) in [
            ("", ""),
            (r#""index":0,"#, r#""index":0,"#),
            (r#""index":0,"id":"a","#, r#""index":0,"id":"b","#),
            (r#""id":"a","#, r#""id":"b","#),
            (r#""id":"","#, r#""id":"","#),
            (r#""index":3,"id":"a","#, r#""index":1,"id":"b","#),
        ] {
            let found = numbers(&[&whole(one), &whole(other)]);
            let found: Vec<&str> = found
                .iter()
                .map(|found| found.trim_end_matches('!'))
                .collect();
            assert_eq!(found, ["0+", "1+"], "{one} {other}");
        }
    }

    #[test]
    fn pieces_that_repeat_what_is_known_are_of_the_call_before() {
        let piece = |arguments: &str| {
            format!(r#"{{"index":0,"id":"a","function":{{"name":"n","arguments":"{arguments}"}}}}"#)
        };
        let found = numbers(&[&piece("{"), &piece("}"), &piece("")]);
        assert_eq!(found, ["0+", "0!", "0!"]);
        let piece =
            |arguments: &str| format!(r#"{{"function":{{"name":"n","arguments":"{arguments}"}}}}"#);
        let found = numbers(&[&piece("{"), &piece("x}")]);
        assert_eq!(found, ["0+!", "0!"]);
    }

    #[test]
    fn a_call_begins_with_its_name() {
        let early = r#"{"index":0,"id":"a","function":{"arguments":"{"}}"#;
        let named = r#"{"index":0,"function":{"name":"n","arguments":"}"}}"#;
        assert_eq!(numbers(&[early, early, named]), ["waits", "waits", "0+!{{"]);
    }
}
