//! The JSON Schema of the settings file, for editors.

use schemars::schema_for;
use serde_json::{Value, json};

use super::Settings;
use super::table::{self, Setting};

/// Draft 2020-12, pretty-printed, with a line feed at the end.
pub fn json_schema() -> String {
    let mut schema = schema_for!(Settings).to_value();
    no_field_is_required(&mut schema);
    for setting in table::all().iter().filter(|setting| setting.is_in_files()) {
        let place = format!("/properties/{}", setting.key.replace('.', "/properties/"));
        let property = schema
            .pointer_mut(&place)
            .expect("each setting has a schema");
        if let Some(default) = setting.default() {
            property["default"] = typed(setting, &default);
        }
    }
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

/// The type of a field says nothing about it: a file sets what it wants to.
fn no_field_is_required(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
        object.values_mut().for_each(no_field_is_required);
    }
}

/// A default in the type that the schema gives its setting.
fn typed(setting: &Setting, default: &str) -> Value {
    match setting.schema["type"].as_str() {
        Some("integer" | "boolean") => default.parse().expect("a default fits its schema"),
        Some("array") => json!([default]),
        _ => json!(default),
    }
}
