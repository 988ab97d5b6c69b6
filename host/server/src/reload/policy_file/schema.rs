//! The policy file's JSON Schema, for editors.

use super::PolicyFile;

/// Draft 2020-12, pretty-printed, with a line feed at the end: what `sluice config schema` prints and
/// what lies beside the example policies.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(PolicyFile);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}
