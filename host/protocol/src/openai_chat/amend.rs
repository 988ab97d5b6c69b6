//! Objects with some of their fields changed.

use crate::{
    ToolCall,
    json::{self, MAX_DEPTH, Scanner, Span, quote, set_fields},
    openai::write_arguments,
};

/// `object` with these fields set to a JSON text, added where they are not there, or taken out where
/// there is none. All other fields keep their bytes.
pub(super) fn amended(object: &str, changes: &[(&str, Option<String>)]) -> String {
    let Some(fields) = fields(object) else {
        return object.to_owned();
    };
    let text = object.as_bytes();
    let mut entries = Vec::with_capacity(fields.len() + changes.len());
    for field in &fields {
        let key = field.key.text(text);
        match changes.iter().find(|(name, _)| *name == field.name) {
            None => entries.push(format!("{key}:{}", field.value.text(text))),
            Some((_, Some(value))) => entries.push(format!("{key}:{value}")),
            Some((_, None)) => {}
        }
    }
    for (name, value) in changes {
        let is_new = fields.iter().all(|field| field.name != *name);
        if let (true, Some(value)) = (is_new, value) {
            entries.push(format!("{}:{value}", quote(name)));
        }
    }
    format!("{{{}}}", entries.join(","))
}

/// Whether no field of `object` says anything.
pub(super) fn is_idle(object: &str) -> bool {
    let says = |value: &[u8]| !matches!(value, b"null" | b"\"\"" | b"[]" | b"{}");
    fields(object).is_none_or(|fields| {
        let mut values = fields.iter().map(|field| field.value);
        !values.any(|value| says(value.bytes(object.as_bytes())))
    })
}

/// The content or refusal at `value` with more text behind it.
pub(super) fn with_more(data: &[u8], value: Option<Span>, added: &str) -> String {
    let added = quote(added);
    match value.map(|value| value.text(data)) {
        Some(text) if text.starts_with('"') => {
            let text = &text[..text.len().saturating_sub(1)];
            format!("{text}{}", &added[1..])
        }
        _ => added,
    }
}

/// An element of `tool_calls` with this `index`.
pub(super) fn numbered(json: &str, number: u64) -> String {
    let changes = [("index", Some(number.to_string()))];
    set_fields(json, changes).unwrap_or_else(|_| json.to_owned())
}

/// An element of `tool_calls` that says all of `call`.
pub(super) fn rewritten(json: &str, is_custom: bool, call: &ToolCall) -> String {
    let (key, arguments) = if is_custom {
        ("custom", "input")
    } else {
        ("function", "arguments")
    };
    let text = json.as_bytes();
    let inner = json::fields(text, [key]).ok().and_then(|[inner]| inner);
    let inner = inner.map(|inner| inner.text(text));
    let inner = inner.filter(|inner| inner.starts_with('{')).unwrap_or("{}");
    let changes = [(key, Some(named(inner, arguments, call)))];
    set_fields(json, changes).unwrap_or_else(|_| json.to_owned())
}

/// An object with the name and the `arguments` of a call, under that key.
pub(super) fn named(json: &str, arguments: &str, call: &ToolCall) -> String {
    let changes = [
        ("name", Some(quote(&call.name))),
        (arguments, Some(write_arguments(&call.arguments))),
    ];
    set_fields(json, changes).unwrap_or_else(|_| json.to_owned())
}

struct Field {
    name: String,
    /// The key as it is written, with its quotes.
    key: Span,
    value: Span,
}

fn fields(object: &str) -> Option<Vec<Field>> {
    let text = object.as_bytes();
    let mut fields = Vec::new();
    let all = Scanner::new(text, MAX_DEPTH).object(|scanner, key| {
        let value = scanner.value()?;
        fields.push(Field {
            name: String::from_utf8_lossy(&key.name(text)).into_owned(),
            key: Span {
                start: key.span.start - 1,
                end: key.span.end + 1,
            },
            value,
        });
        Ok(())
    });
    all.is_ok().then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_set_added_and_taken_out() {
        let object = r#" { "a" : 1.50, "\u0062":"x", "c":{} }"#;
        let changes = [
            ("b", Some("2".to_owned())),
            ("c", None),
            ("d", Some("null".to_owned())),
            ("e", None),
        ];
        assert_eq!(
            amended(object, &changes),
            r#"{"a":1.50,"\u0062":2,"d":null}"#
        );
        assert_eq!(amended("{}", &changes[..1]), r#"{"b":2}"#);
        assert_eq!(amended(r#"{"c":1}"#, &changes[1..2]), "{}");
    }

    #[test]
    fn an_object_that_says_nothing_is_idle() {
        assert!(is_idle(r#"{"content":"","refusal":null,"tool_calls":[]}"#));
        assert!(!is_idle(r#"{"content":"","new":false}"#));
    }
}
