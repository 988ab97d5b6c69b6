//! Reads the policy file from the tree.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{
    Entry, Grants, Limits, MAX_MEMORY_MIB, Mode, OnFailure, Places, PolicyFile, empty_config,
};
use crate::reload::passthrough::{MAX_PATTERNS, Passthrough, Pattern, PatternError};
use crate::yaml::{Fault, Faults, Field, Fields, Mark, Node, Value, unknown};

pub(super) const FILE_FIELDS: &[&str] = &["policies", "passthrough"];
pub(super) const ENTRY_FIELDS: &[&str] = &[
    "name",
    "component",
    "sha256",
    "config",
    "on_failure",
    "mode",
    "limits",
    "grants",
];
pub(super) const LIMIT_FIELDS: &[&str] = &["fuel", "memory_mib", "deadline_ms"];
const SIDES: [(&str, OnFailure); 2] = [("block", OnFailure::Block), ("pass", OnFailure::Pass)];
const MODES: [(&str, Mode); 2] = [("enforce", Mode::Enforce), ("off", Mode::Off)];
/// The contract's interfaces that a later version will grant.
const GRANTS: [&str; 4] = ["inference", "state", "clock", "random"];
/// The contract's interfaces that every policy has.
const ALWAYS_GRANTED: [&str; 2] = ["request", "telemetry"];
const MAX_NAME: usize = 64;

impl PolicyFile {
    /// Reads a policy file. If something is wrong, the error tells of everything that is. `file` is the name that the
    /// faults have for it.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Faults> {
        let (read, faults) = Self::read(text);
        if faults.is_empty() {
            Ok(read)
        } else {
            Err(Faults::new(file, faults))
        }
    }

    /// Returns the entries that could be read, and everything that is wrong with the file.
    pub(in crate::reload) fn read(text: &str) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let file = match Node::parse(text) {
            Ok(root) => read_file(&root, &mut faults).unwrap_or_default(),
            Err(fault) => {
                faults.push(fault);
                Self::default()
            }
        };
        (file, faults)
    }
}

fn read_file(root: &Node, faults: &mut Vec<Fault>) -> Option<PolicyFile> {
    root.repeated_keys("", faults);
    if matches!(root.value, Value::Null) {
        faults.push(Fault::new(
            Mark { line: 1, column: 1 },
            "",
            "missing field `policies`",
        ));
        return None;
    }
    let fields = Fields::of(root, "", FILE_FIELDS, faults)?;
    let policies = fields.require("policies", faults);
    let policies = policies.and_then(|field| read_policies(&field, faults));
    let passthrough = fields.get("passthrough");
    let passthrough = passthrough.and_then(|field| read_passthrough(&field, faults));
    Some(PolicyFile {
        policies: policies.unwrap_or_default(),
        passthrough: passthrough.unwrap_or_default(),
    })
}

fn read_policies(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<Vec<Entry>> {
    let items = field.list(faults)?;
    let read = |(index, item)| read_entry(index, item, faults);
    let entries = items.iter().enumerate().filter_map(read).collect();
    repeated_names(items, faults);
    Some(entries)
}

fn read_passthrough(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<Passthrough> {
    let items = field.list(faults)?;
    if items.len() > MAX_PATTERNS {
        let found = items.len();
        let problem = format!("expected at most {MAX_PATTERNS} paths, found {found}");
        faults.push(field.fault(problem));
        return None;
    }
    let mut first_lines = HashMap::new();
    let read = |(index, node): (usize, &Node)| {
        let path = format!("{}[{index}]", field.path);
        let field = Field { path, node };
        let pattern = read_pattern(&field, faults)?;
        if let Some(line) = first_lines.get(&pattern) {
            let problem = format!("`{pattern}` stands twice; the first is in line {line}");
            faults.push(field.fault(problem));
            return None;
        }
        first_lines.insert(pattern.clone(), node.at.line);
        Some(pattern)
    };
    Some(Passthrough::new(items.iter().enumerate().filter_map(read)))
}

fn read_pattern(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<Pattern> {
    let pattern = field.text(faults)?.parse();
    pattern
        .map_err(|error: PatternError| faults.push(field.fault(error.to_string())))
        .ok()
}

/// An entry with a fault in an optional field is still read, so that its component is looked at too.
fn read_entry(index: usize, node: &Node, faults: &mut Vec<Fault>) -> Option<Entry> {
    let fields = Fields::of(node, &format!("policies[{index}]"), ENTRY_FIELDS, faults)?;
    let name = fields
        .require("name", faults)
        .and_then(|field| read_name(&field, faults));
    let component = fields.require("component", faults);
    let component = component.and_then(|field| read_component(&field, faults));
    let sha256 = fields
        .get("sha256")
        .and_then(|field| read_sha256(&field, faults));
    let config = fields
        .get("config")
        .map_or_else(empty_config, |field| field.node.to_json());
    let on_failure = fields
        .get("on_failure")
        .and_then(|field| field.word(&SIDES, faults));
    let mode = fields
        .get("mode")
        .and_then(|field| field.word(&MODES, faults));
    let limits = fields
        .get("limits")
        .and_then(|field| read_limits(&field, faults));
    if let Some(field) = fields.get("grants") {
        read_grants(&field, faults);
    }
    Some(Entry {
        name: name?,
        component: component?,
        sha256,
        config,
        on_failure: on_failure.unwrap_or_default(),
        mode: mode.unwrap_or_default(),
        limits: limits.unwrap_or_default(),
        grants: Grants {},
        places: places(index, &fields),
    })
}

fn places(index: usize, fields: &Fields<'_>) -> Places {
    let place = |&name: &&'static str| Some((name, fields.get(name)?.at()));
    Places {
        index,
        entry: fields.at,
        fields: ENTRY_FIELDS.iter().filter_map(place).collect(),
    }
}

fn read_name(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<String> {
    let name = field.text(faults)?;
    let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(legal) {
        let problem = format!(
            "expected 1 to {MAX_NAME} of the lower-case letters a to z, digits and `-`, found `{name}`"
        );
        faults.push(field.fault(problem));
        return None;
    }
    Some(name.to_owned())
}

fn read_component(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<PathBuf> {
    let path = field.text(faults)?;
    if path.is_empty() || path.contains('\0') {
        faults.push(field.fault("expected the path of a WebAssembly component"));
        return None;
    }
    Some(PathBuf::from(path))
}

fn read_sha256(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<String> {
    let text = field.text(faults)?;
    let digest = text.strip_prefix("sha256:").unwrap_or(text);
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let found = digest.chars().count();
        let problem =
            format!("expected 64 hexadecimal digits, found `{text}` ({found} characters)");
        faults.push(field.fault(problem));
        return None;
    }
    Some(digest.to_ascii_lowercase())
}

fn read_limits(field: &Field<'_>, faults: &mut Vec<Fault>) -> Option<Limits> {
    let fields = Fields::of(field.node, &field.path, LIMIT_FIELDS, faults)?;
    let default = Limits::default();
    let mut number = |name, bounds, default| {
        fields
            .get(name)
            .and_then(|field| field.number(bounds, faults))
            .unwrap_or(default)
    };
    Some(Limits {
        fuel: number("fuel", 10_000..=10_000_000_000, default.fuel),
        memory_mib: number("memory_mib", 1..=MAX_MEMORY_MIB, default.memory_mib),
        deadline_ms: number("deadline_ms", 10..=60_000, default.deadline_ms),
    })
}

fn read_grants(field: &Field<'_>, faults: &mut Vec<Fault>) {
    let Value::Map(entries) = &field.node.value else {
        let kind = field.node.kind();
        faults.push(field.fault(format!("expected a mapping, found {kind}")));
        return;
    };
    for (key, value) in entries {
        let name = key.name.as_str();
        let problem = if ALWAYS_GRANTED.contains(&name) {
            format!("`{name}` is granted to every policy; leave it out")
        } else if !GRANTS.contains(&name) {
            unknown("grant", name, &GRANTS)
        } else if matches!(value.value, Value::Bool(false)) {
            continue;
        } else {
            format!("this version of Sluice does not offer `{name}`")
        };
        faults.push(Fault::new(key.at, &field.path, problem));
    }
}

/// Finds names that are used twice. It looks at the names alone, whatever else is wrong with the entries.
fn repeated_names(items: &[Node], faults: &mut Vec<Fault>) {
    let mut first_lines: HashMap<&str, u64> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let Value::Map(entries) = &item.value else {
            continue;
        };
        let named = entries.iter().find(|(key, _)| key.name == "name");
        let Some((
            _,
            Node {
                at,
                value: Value::Text(name),
            },
        )) = named
        else {
            continue;
        };
        if let Some(line) = first_lines.get(name.as_str()) {
            let problem = format!("`{name}` is already the name of the policy in line {line}");
            faults.push(Fault::new(*at, format!("policies[{index}].name"), problem));
        } else {
            first_lines.insert(name, at.line);
        }
    }
}
