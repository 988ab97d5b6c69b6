//! The tools that a request declares, and what else in it names them.

use crate::{
    json::{self, Edit, Fault, Span, fields, removals},
    view::{Cursor, Dialect, Reader, Settled, ToolSpans},
};

/// The keys of a declaration that are read, each a bit in a set of those seen.
const NAME: u32 = 1;
const TYPE: u32 = 1 << 1;
const FUNCTION: u32 = 1 << 2;
const CUSTOM: u32 = 1 << 3;

fn tool_key(name: &[u8]) -> u32 {
    match name {
        b"name" => NAME,
        b"type" => TYPE,
        b"function" => FUNCTION,
        b"custom" => CUSTOM,
        _ => 0,
    }
}

/// A list of declarations, or something else that upstream may judge.
pub(crate) fn declarations<D: Dialect>(
    reader: &mut Reader<'_, D>,
    list: &str,
) -> Result<Span, Fault> {
    let path = |at| D::element(list, at);
    reader.tools(path, |cursor, at| declaration::<D>(cursor, list, at))
}

/// A tool has the name that it says, itself or in its `function` or `custom`; one of the API's own has its type.
fn declaration<D: Dialect>(
    cursor: &mut Cursor<'_>,
    list: &str,
    at: usize,
) -> Result<ToolSpans, Fault> {
    let (mut seen, mut twice) = (0, false);
    let (mut name, mut kind) = (None, None);
    let whole = cursor.object(|cursor, key| {
        let bit = tool_key(&key.name(cursor.text()));
        twice |= seen & bit != 0;
        seen |= bit;
        if bit & (FUNCTION | CUSTOM) != 0 && cursor.scanner.peek() == Some(b'{') {
            twice |= cursor.once(tool_key, |cursor, bit| {
                let value = cursor.scanner.value()?;
                name = Some(value).filter(|_| bit == NAME).or(name);
                Ok(false)
            })?;
            return Ok(());
        }
        let value = cursor.scanner.value()?;
        match bit {
            NAME => name = Some(value),
            TYPE => kind = Some(value),
            _ => {}
        }
        Ok(())
    })?;
    if twice {
        cursor.wrong(D::element(list, at), D::WORDS.twice);
    }
    let name = name.or(kind);
    Ok(ToolSpans { whole, name })
}

/// A list of declarations, and what says which of them the model may or must call.
pub(crate) struct Declared {
    pub(crate) list: &'static str,
    pub(crate) choice: &'static str,
    /// What the API refuses where there are no tools.
    pub(crate) more: &'static [&'static str],
}

/// The edits of a body that take out the tools for which `gone` holds, all those called `name`.
pub(crate) fn removed<D: Dialect>(
    body: &Settled<D>,
    lists: &[Declared],
    name: &str,
    gone: &[bool],
) -> Vec<Edit> {
    let mut without = Vec::new();
    let mut edits = Vec::new();
    for declared in lists {
        let Some(list) = body.field(declared.list) else {
            continue;
        };
        let tools = body.index().tools.iter().zip(gone);
        let inside = tools.filter(|(tool, _)| list.value.contains(tool.whole));
        let (wholes, gone): (Vec<Span>, Vec<bool>) =
            inside.map(|(tool, gone)| (tool.whole, *gone)).unzip();
        if !gone.contains(&true) {
            continue;
        }
        if !gone.contains(&false) {
            // The API refuses a choice where there are no tools.
            without.extend([declared.list, declared.choice]);
            without.extend(declared.more);
            continue;
        }
        edits.extend(removals(&wholes, |at| gone[at]));
        match choice(body, declared.choice, name) {
            Choice::Free => {}
            Choice::Tool => without.push(declared.choice),
            Choice::Among(fewer) => edits.extend(fewer),
        }
    }
    edits.extend(body.without(&without));
    edits
}

/// What a request says about a tool that is taken out.
enum Choice {
    /// Nothing.
    Free,
    /// That it is called, and no other.
    Tool,
    /// That it is one of those that may be called; without it these edits are due.
    Among(Vec<Edit>),
}

fn choice<D: Dialect>(body: &Settled<D>, field: &str, name: &str) -> Choice {
    let (Some(field), text) = (body.field(field), body.text()) else {
        return Choice::Free;
    };
    if names(field.value.text(text), name) {
        return Choice::Tool;
    }
    let step = |from: Span, name| json::step(text, from, name);
    let allowed =
        step(field.value, "tools").or_else(|| step(step(field.value, "allowed_tools")?, "tools"));
    let Some(allowed) = allowed else {
        return Choice::Free;
    };
    let elements = json::elements(allowed.bytes(text)).into_iter();
    let elements: Vec<Span> = elements.map(|span| span.shifted(allowed.start)).collect();
    let named = |at: usize| names(elements[at].text(text), name);
    match (0..elements.len()).filter(|at| named(*at)).count() {
        0 => Choice::Free,
        count if count == elements.len() => Choice::Tool,
        _ => Choice::Among(removals(&elements, named)),
    }
}

/// Whether a choice is the tool of that name.
fn names(choice: &str, name: &str) -> bool {
    let text = choice.as_bytes();
    let found = fields(text, ["name", "function", "custom", "type"]).unwrap_or_default();
    let [own, function, custom, kind] = found;
    let inner = function
        .or(custom)
        .and_then(|inner| json::step(text, inner, "name"));
    let said = own.or(inner).or(kind).and_then(|said| said.string(text));
    said.as_deref() == Some(name)
}
