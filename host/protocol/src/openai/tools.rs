//! The tools that a request declares, and what else in it names them.

use crate::{
    json::{self, Edit, Fault, Span, fields, removals},
    view::{Dialect, Reader, ToolSpans, View},
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

impl<D: Dialect> Reader<'_, D> {
    /// A list of declarations, or something else that upstream may judge. A tool has the name that it
    /// says, itself or in its `function` or `custom`; one of the API's own has its type.
    pub(crate) fn declarations(&mut self, list: &str) -> Result<Span, Fault> {
        if self.scanner.peek() != Some(b'[') {
            return self.scanner.value();
        }
        self.array(|reader, at| {
            if reader.scanner.peek() == Some(b'{') {
                return reader.declaration(list, at);
            }
            reader.wrong(&D::element(list, at), D::WORDS.object);
            reader.scanner.value().map(|_| ())
        })
    }

    fn declaration(&mut self, list: &str, at: usize) -> Result<(), Fault> {
        let (mut seen, mut twice) = (0, false);
        let (mut name, mut kind) = (None, None);
        let whole = self.object(|reader, key| {
            let bit = tool_key(&key.name(reader.scanner.text()));
            twice |= seen & bit != 0;
            seen |= bit;
            if bit & (FUNCTION | CUSTOM) != 0 && reader.scanner.peek() == Some(b'{') {
                twice |= reader.once(tool_key, |reader, bit| {
                    let value = reader.scanner.value()?;
                    name = Some(value).filter(|_| bit == NAME).or(name);
                    Ok(false)
                })?;
                return Ok(());
            }
            let value = reader.scanner.value()?;
            match bit {
                NAME => name = Some(value),
                TYPE => kind = Some(value),
                _ => {}
            }
            Ok(())
        })?;
        if twice {
            self.wrong(&D::element(list, at), D::WORDS.twice);
        }
        let name = name.or(kind);
        self.declared(ToolSpans { whole, name });
        Ok(())
    }
}

/// A list of declarations, and what says which of them the model may or must call.
pub(crate) struct Declared {
    pub(crate) list: &'static str,
    pub(crate) choice: &'static str,
    /// What the API refuses where there are no tools.
    pub(crate) more: &'static [&'static str],
}

/// The edits of a settled body that take out the tools for which `gone` holds, all those called `name`.
pub(crate) fn removed<D: Dialect>(
    view: &View<D>,
    lists: &[Declared],
    name: &str,
    gone: &[bool],
) -> Vec<Edit> {
    let mut without = Vec::new();
    let mut edits = Vec::new();
    for declared in lists {
        let Some(list) = view.field(declared.list) else {
            continue;
        };
        let tools = view.index().tools.iter().zip(gone);
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
        match choice(view, declared.choice, name) {
            Choice::Free => {}
            Choice::Tool => without.push(declared.choice),
            Choice::Among(fewer) => edits.extend(fewer),
        }
    }
    edits.extend(view.without(&without));
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

fn choice<D: Dialect>(view: &View<D>, field: &str, name: &str) -> Choice {
    let (Some(field), text) = (view.field(field), view.text()) else {
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
