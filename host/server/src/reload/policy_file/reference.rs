//! The reference page of policy files, from the same schema that editors use.
//!
//! What it says of a field is the field's own documentation, so that the page, the schema and the code can't
//! disagree.

use std::fmt::Write as _;

use schemars::Schema;
use serde_json::{Map, Value};

use super::PolicyFile;
use super::read::{ENTRY_FIELDS, FILE_FIELDS, LIMIT_FIELDS};

/// What stands above the fields.
const HEAD: &str = "\
# The policy file

<!-- Written by `sluice config schema --markdown`. Change the documentation of the fields, then run `cargo xtask docs`. -->

The policy file names the policies that Sluice runs and the paths that it forwards unjudged. It is YAML. Start Sluice with
`sluice serve --policies FILE`, check a file with `sluice config check FILE`, and give your editor the JSON Schema that
`sluice config schema` prints.

Sluice reads the file again whenever it or a component changes. A file with a fault changes nothing: the policies that were in
force stay, the log says what is wrong, and `sluice doctor` shows it. An error names the file, line, column and field, and suggests
the closest valid name. An unknown field is an error.

```yaml
";
/// An example of a whole file.
pub(super) const EXAMPLE: &str = "\
# yaml-language-server: $schema=policies.schema.json
policies:
  - name: block-dangerous-commands
    component: policies/block-dangerous-commands.wasm
    config:
      groups: { git: false }
  - name: redact-secrets
    component: policies/redact-secrets.wasm
    on_failure: pass
    limits: { deadline_ms: 500 }
passthrough:
  - /v1/files
  - /v1/files/*
";

/// The page: Markdown, with a line feed at the end.
pub fn reference() -> String {
    let schema = schemars::schema_for!(PolicyFile);
    let mut page = format!("{HEAD}{EXAMPLE}```\n");
    fields(&mut page, "", &Node::root(&schema));
    page
}

/// A part of the schema, with the whole for its references.
#[derive(Clone, Copy)]
struct Node<'a> {
    root: &'a Value,
    value: &'a Value,
}

impl<'a> Node<'a> {
    fn root(schema: &'a Schema) -> Self {
        let value = schema.as_value();
        Self { root: value, value }
    }

    /// Returns the node of a value. If the value is a reference, this is the node that it refers to.
    fn at(self, value: &'a Value) -> Self {
        let target = value["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix('#'));
        let value = target
            .and_then(|path| self.root.pointer(path))
            .unwrap_or(value);
        Self { value, ..self }
    }

    fn properties(self) -> Option<&'a Map<String, Value>> {
        self.value["properties"].as_object()
    }

    fn requires(self, name: &str) -> bool {
        let required = self.value["required"].as_array().into_iter().flatten();
        required.into_iter().any(|field| field == name)
    }

    fn text(self, key: &str) -> &'a str {
        self.value[key].as_str().unwrap_or_default()
    }
}

/// The fields of a mapping in the order of the reader, each followed by the fields below it.
fn fields(page: &mut String, path: &str, mapping: &Node<'_>) {
    let known = || [FILE_FIELDS, ENTRY_FIELDS, LIMIT_FIELDS].concat();
    let mut names: Vec<_> = mapping.properties().into_iter().flatten().collect();
    names.sort_by_key(|(name, _)| known().iter().position(|known| known == name));
    for (name, value) in names {
        let path = match path {
            "" => name.clone(),
            above => format!("{above}.{name}"),
        };
        let node = mapping.at(value);
        field(page, &path, &node, mapping.requires(name));
        let items = node.at(&node.value["items"]);
        fields(page, &path, &node);
        fields(page, &format!("{path}[]"), &items);
    }
}

fn field(page: &mut String, path: &str, node: &Node<'_>, required: bool) {
    let description = node.text("description").replace('\n', " ");
    let presence = match (required, &node.value["default"]) {
        (true, _) => "required".to_owned(),
        (false, Value::Null) => "optional".to_owned(),
        (false, default) => format!("optional, `{default}` by default"),
    };
    let mut facts = vec![kind(node), presence];
    facts.extend(bounds(node));
    line(page, &format!("\n## `{path}`\n\n{description}\n"));
    line(page, &format!("- {}", facts.join("; ")));
    for word in words(node) {
        line(
            page,
            &format!("- `{}`: {}", word.text("const"), word.text("description")),
        );
    }
    for example in node.value["examples"].as_array().into_iter().flatten() {
        let name = path.rsplit(['.']).next().unwrap_or(path);
        line(page, &format!("- Example: `{name}: {example}`"));
    }
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a string takes everything");
}

/// The words that a field can be. Empty if it is not limited to some words.
fn words<'a>(node: &Node<'a>) -> impl Iterator<Item = Node<'a>> {
    let node = *node;
    let words = node.value["oneOf"].as_array().into_iter().flatten();
    words.map(move |word| node.at(word))
}

fn kind(node: &Node<'_>) -> String {
    let name = match &node.value["type"] {
        Value::String(name) => name.as_str(),
        // `null` is what a field that is left out has.
        Value::Array(names) => names[0].as_str().unwrap_or_default(),
        _ if words(node).next().is_some() => "word",
        _ => "anything",
    };
    match name {
        "object" => "a mapping".to_owned(),
        "array" => {
            let items = node.at(&node.value["items"]);
            format!(
                "a list, each {}",
                [vec![kind(&items)], bounds(&items)].concat().join("; ")
            )
        }
        "integer" => "a whole number".to_owned(),
        "string" => "a text".to_owned(),
        "word" => "one of the words below".to_owned(),
        other => other.to_owned(),
    }
}

/// The bounds that the schema has for a value.
fn bounds(node: &Node<'_>) -> Vec<String> {
    let value = |key: &str| Some(&node.value[key]).filter(|value| !value.is_null());
    let number = |key: &str| value(key).and_then(Value::as_u64).map(grouped);
    let range = match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    };
    let filled = value("minLength").map(|_| "not empty".to_owned());
    let length = number("maxLength").map(|most| format!("at most {most} characters"));
    let count = number("maxItems").map(|most| format!("at most {most} of them"));
    let unique = value("uniqueItems").map(|_| "no two alike".to_owned());
    let pattern = value("pattern").and_then(Value::as_str);
    let pattern = pattern.map(|pattern| format!("matches `{pattern}`"));
    [range, filled, length, count, unique, pattern]
        .into_iter()
        .flatten()
        .collect()
}

/// `10,000,000,000` for a person to read.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (10_000_000, "10,000,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
