//! YAML in, entries or faults out.

use std::path::Path;

use serde_json::{Value, json};

use super::read::{ENTRY_FIELDS, FILE_FIELDS};
use super::reference::EXAMPLE;
use super::{Limits, Mode, OnFailure, PolicyFile, json_schema, reference};

/// Where the limits stand in the schema.
const LIMITS: &str = "/$defs/Entry/properties/limits/properties";

/// Reads `yaml` and compares everything that is wrong with it, one fault a line.
fn check(yaml: &str, faults: &[&str]) {
    let found = PolicyFile::parse(yaml, Path::new("p.yaml"));
    let found = found.map_or_else(|faults| faults.to_string(), |_| String::new());
    assert_eq!(found.lines().collect::<Vec<_>>(), faults, "in\n{yaml}");
}

fn read(yaml: &str) -> PolicyFile {
    PolicyFile::parse(yaml, Path::new("p.yaml")).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn a_policy_with_every_field_is_read() {
    let digest = "AB".repeat(32);
    let file = read(&format!(
        "
policies:
  - name: block-dangerous-commands
    component: policies/a.wasm
    sha256: sha256:{digest}
    config: {{ groups: [git, 1, 1.5, null, on], nested: {{ a: b }} }}
    on_failure: pass
    mode: off
    limits: {{ fuel: 1000000, memory_mib: 8, deadline_ms: 50 }}
    grants: {{}}
"
    ));
    let [entry] = &file.policies[..] else {
        panic!("{file:?}")
    };
    assert_eq!(entry.name, "block-dangerous-commands");
    assert_eq!(entry.component, Path::new("policies/a.wasm"));
    assert_eq!(entry.sha256.as_deref(), Some(&*digest.to_lowercase()));
    let config = json!({ "groups": ["git", 1, 1.5, null, "on"], "nested": { "a": "b" } });
    assert_eq!(entry.config, config);
    assert_eq!(entry.on_failure, OnFailure::Pass);
    assert_eq!(entry.mode, Mode::Off);
    assert_eq!(
        entry.limits,
        Limits {
            fuel: 1_000_000,
            memory_mib: 8,
            deadline_ms: 50
        }
    );
    assert_eq!(entry.limits.request_fuel(), 10_000_000);
}

#[test]
fn what_is_left_out_or_left_empty_has_its_default() {
    let file = read("policies: [{ name: a, component: a.wasm, config: , limits: }]");
    let entry = &file.policies[0];
    assert_eq!(entry.config, json!({}));
    assert_eq!(
        (entry.on_failure, entry.mode),
        (OnFailure::Block, Mode::Enforce)
    );
    assert_eq!(entry.limits, Limits::default());
    assert!(read("policies: []").policies.is_empty());
}

#[test]
fn the_order_is_that_of_the_file() {
    let file = read("policies: [{name: b, component: x}, {name: a, component: x}]");
    let names: Vec<_> = file.policies.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["b", "a"]);
}

#[test]
fn every_fault_is_reported_with_its_place_and_the_nearest_right_word() {
    check(
        "
policies:
  - name: One
    component: a.wasm
    on-failure: pass
  - name: two
    componnt: b.wasm
    on_failure: blok
    mode: 7
    sha256: abc
    limits: { fule: 1, memory_mib: 0, deadline_ms: fast }
    grants: { clock: true, clok: true, telemetry: true, random: false }
  - just a word
  - component: c.wasm
  - name: two
    component: [c.wasm]
",
        &[
            "p.yaml:3:11: policies[0].name: expected 1 to 64 of the lower-case letters a to z, digits and `-`, found `One`",
            "p.yaml:5:5: policies[0]: unknown field `on-failure`; did you mean `on_failure`?",
            "p.yaml:7:5: policies[1]: unknown field `componnt`; did you mean `component`?",
            "p.yaml:8:17: policies[1].on_failure: unknown value `blok`; did you mean `block`?",
            "p.yaml:9:11: policies[1].mode: expected a string, found a number (quote it)",
            "p.yaml:10:13: policies[1].sha256: expected 64 hexadecimal digits, found `abc` (3 characters)",
            "p.yaml:11:15: policies[1].limits: unknown field `fule`; did you mean `fuel`?",
            "p.yaml:11:36: policies[1].limits.memory_mib: expected a whole number from 1 to 256, found 0",
            "p.yaml:11:52: policies[1].limits.deadline_ms: expected a whole number, found a string",
            "p.yaml:12:15: policies[1].grants: this version of Sluice does not offer `clock`",
            "p.yaml:12:28: policies[1].grants: unknown grant `clok`; did you mean `clock`?",
            "p.yaml:12:40: policies[1].grants: `telemetry` is granted to every policy; leave it out",
            "p.yaml:13:5: policies[2]: expected a mapping, found a string",
            "p.yaml:14:5: policies[3]: missing field `name`",
            "p.yaml:15:11: policies[4].name: `two` is already the name of the policy in line 6",
            "p.yaml:16:16: policies[4].component: expected a string, found a list",
        ],
    );
}

#[test]
fn a_word_that_resembles_none_is_shown_what_there_is() {
    check(
        "policies: [{ name: a, component: x, on_failure: maybe }]",
        &[
            "p.yaml:1:49: policies[0].on_failure: unknown value `maybe`; known are `block` and `pass`",
        ],
    );
}

#[test]
fn a_key_that_stands_twice_is_a_fault_at_any_depth() {
    check(
        "
policies:
  - name: a
    component: x
    config: { a: [{ b: 1, b: 2 }] }
    component: y
",
        &[
            "p.yaml:5:27: policies[0].config.a[0].b: stands twice; the first is in line 5",
            "p.yaml:6:5: policies[0].component: stands twice; the first is in line 4",
        ],
    );
}

#[test]
fn what_is_passed_is_read_in_the_order_of_the_file() {
    let file = read("{ policies: [], passthrough: [/v1/files/*, /v1/files, /*] }");
    let patterns = file.passthrough.patterns().iter().map(ToString::to_string);
    let patterns: Vec<_> = patterns.collect();
    assert_eq!(patterns, ["/v1/files/*", "/v1/files", "/*"]);
    for yaml in ["policies: []", "policies: []\npassthrough:"] {
        assert!(read(yaml).passthrough.patterns().is_empty());
    }
}

#[test]
fn every_path_that_can_not_be_passed_is_told_what_to_change() {
    check(
        "
passthrough:
  - v1/files
  - /v1/files
  - '/v1/files'
  - /v1/fi*
  - /v1/files/
  - /v1/./files
  - /v1/files?limit=1
  - /v1/fil%65s
  - /v1/responses
  - /v1/Messages
  - /health
  - 7
  -
policies: []
",
        &[
            "p.yaml:3:5: passthrough[0]: expected a path that begins with `/`, as in `/v1/files/*`, found `v1/files`",
            "p.yaml:5:5: passthrough[2]: `/v1/files` stands twice; the first is in line 4",
            "p.yaml:6:5: passthrough[3]: `*` can only follow the last `/`, as in `/v1/files/*`, found `/v1/fi*`",
            "p.yaml:7:5: passthrough[4]: `/v1/files/` has an empty segment: write each `/` once and none at the end",
            "p.yaml:8:5: passthrough[5]: `/v1/./files` has the segment `.`: write the path that it leads to",
            "p.yaml:9:5: passthrough[6]: `/v1/files?limit=1` has a `?`: list plain paths, without escapes and without a query",
            "p.yaml:10:5: passthrough[7]: `/v1/fil%65s` has a `%`: list plain paths, without escapes and without a query",
            "p.yaml:11:5: passthrough[8]: `/v1/responses` is judged by the policies, so it can't pass them by: leave it out",
            "p.yaml:12:5: passthrough[9]: `/v1/Messages` is judged by the policies, so it can't pass them by: leave it out",
            "p.yaml:13:5: passthrough[10]: Sluice has a route of its own for `/health`: leave it out",
            "p.yaml:14:5: passthrough[11]: expected a string, found a number (quote it)",
            "p.yaml:15:4: passthrough[12]: expected a string, found nothing",
        ],
    );
}

#[test]
fn what_is_passed_is_a_list_within_bounds_beside_the_policies() {
    check(
        "{ policies: [], passthrough: /v1/files }",
        &["p.yaml:1:30: passthrough: expected a list, found a string"],
    );
    check(
        "{ policies: [], passthru: [/v1/files] }",
        &["p.yaml:1:17: unknown field `passthru`; did you mean `passthrough`?"],
    );
    check(
        "passthrough: [v1]",
        &[
            "p.yaml:1:1: missing field `policies`",
            "p.yaml:1:15: passthrough[0]: expected a path that begins with `/`, as in `/v1/files/*`, found `v1`",
        ],
    );
    let paths = |count: usize| {
        let paths: Vec<_> = (0..count).map(|index| format!("/{index}")).collect();
        format!("{{ policies: [], passthrough: [{}] }}", paths.join(", "))
    };
    assert_eq!(read(&paths(1024)).passthrough.patterns().len(), 1024);
    check(
        &paths(1025),
        &["p.yaml:1:30: passthrough: expected at most 1024 paths, found 1025"],
    );
}

#[test]
fn a_file_of_another_shape_is_refused() {
    check("", &["p.yaml:1:1: missing field `policies`"]);
    check("policies:", &["p.yaml:1:1: missing field `policies`"]);
    check(
        "policy: []",
        &["p.yaml:1:1: unknown field `policy`; did you mean `policies`?"],
    );
    check("[]", &["p.yaml:1:1: expected a mapping, found a list"]);
    check(
        "policies: { name: a }",
        &[
            "p.yaml:1:11: policies: expected a list, found a mapping (begin each of its items with `- `)",
        ],
    );
}

#[test]
fn what_is_not_yaml_is_one_fault_with_its_place() {
    for yaml in [
        "policies: [",
        "a: b: c",
        "policies:\n\t- a",
        "policies: *nowhere",
        "a: 1\n---\nb: 2",
    ] {
        let faults = PolicyFile::parse(yaml, Path::new("p.yaml")).unwrap_err();
        assert_eq!(faults.to_string().lines().count(), 1, "{faults}");
        assert!(faults.faults[0].at.line > 0, "{faults}");
    }
}

#[test]
fn anchors_and_merges_work_and_what_stands_in_the_entry_wins() {
    let file = read(
        "
policies:
  - &base
    name: a
    component: x
    limits: { fuel: 10000 }
  - <<: *base
    name: b
",
    );
    assert_eq!(file.policies[1].name, "b");
    assert_eq!(file.policies[1].limits.fuel, 10_000);
}

#[test]
fn aliases_can_not_be_multiplied_into_a_bomb() {
    let mut yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        yaml += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    assert!(PolicyFile::parse(&yaml, Path::new("p.yaml")).is_err());

    let long = "x".repeat(500_000);
    let aliases = vec!["*long"; 900].join(", ");
    let yaml = format!("long: &long {long}\nall: [{aliases}]\n");
    let error = PolicyFile::parse(&yaml, Path::new("p.yaml")).unwrap_err();
    assert!(
        !error.to_string().contains("unknown field"),
        "it was read whole: {:.300}",
        error.to_string()
    );
}

#[test]
fn nesting_is_bounded() {
    for yaml in [
        format!("a: {}", "[".repeat(100_000)),
        format!("a: {}", "{a: ".repeat(100_000)),
    ] {
        assert!(PolicyFile::parse(&yaml, Path::new("p.yaml")).is_err());
    }
}

#[test]
fn the_schema_and_the_reader_know_the_same_fields() {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    for (place, known) in [
        ("/properties", FILE_FIELDS),
        ("/$defs/Entry/properties", ENTRY_FIELDS),
    ] {
        let fields = schema.pointer(place).unwrap().as_object().unwrap();
        let mut fields: Vec<_> = fields.keys().map(String::as_str).collect();
        let mut known = known.to_vec();
        fields.sort_unstable();
        known.sort_unstable();
        assert_eq!(fields, known);
    }
}

/// A file that ships beside the example policies.
fn shipped(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../example-policies");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_examples_of_the_schema_are_free_of_faults() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let fields = |place: &str| schema.pointer(place).unwrap().as_object().unwrap().clone();
    let mut tried = 0;
    for (place, above) in [
        ("/properties", ""),
        ("/$defs/Entry/properties", "policies[]"),
        (LIMITS, "limits"),
    ] {
        for (field, about) in fields(place) {
            for example in about["examples"].as_array().into_iter().flatten() {
                let given = json!({ field.as_str(): example });
                let mut entry = json!({ "name": "a", "component": "a.wasm" });
                let mut file = json!({ "policies": [] });
                match above {
                    "" => file[field.as_str()] = example.clone(),
                    "limits" => entry["limits"] = given,
                    _ => entry[field.as_str()] = example.clone(),
                }
                if !above.is_empty() {
                    file["policies"] = json!([entry]);
                }
                // JSON is YAML.
                read(&file.to_string());
                tried += 1;
            }
        }
    }
    assert!(tried >= 10, "{tried} examples");
}

#[test]
fn the_reference_page_is_up_to_date_and_tells_of_every_field() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy-file.md");
    let shipped = std::fs::read_to_string(page).unwrap();
    assert_eq!(shipped, reference(), "write it anew: cargo xtask docs");
    let limits =
        ["fuel", "memory_mib", "deadline_ms"].map(|name| format!("policies[].limits.{name}"));
    let entries = ENTRY_FIELDS.iter().map(|name| format!("policies[].{name}"));
    let top = FILE_FIELDS.iter().map(ToString::to_string);
    for field in top.chain(entries).chain(limits) {
        assert!(shipped.contains(&format!("\n## `{field}`\n")), "{field}");
    }
    read(EXAMPLE);
}

#[test]
fn the_shipped_schema_is_up_to_date() {
    let shipped = shipped("policies.schema.json");
    assert_eq!(shipped, json_schema(), "write it anew: cargo xtask docs");
}

#[test]
fn the_shipped_policy_file_has_no_fault_and_names_the_schema() {
    let shipped = shipped("policies.yaml");
    read(&shipped);
    assert!(shipped.starts_with("# yaml-language-server: $schema=policies.schema.json\n"));
}
