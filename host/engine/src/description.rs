//! What a policy says about itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest name and version, in bytes.
const WORD_MAX: usize = 128;
/// The longest summary, in bytes.
const SUMMARY_MAX: usize = 4 << 10;
/// The largest JSON of a description, in bytes.
const JSON_MAX: usize = 256 << 10;

/// The answer of `describe`. Unknown keys are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Its author's name for it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it does, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// The JSON Schema of its config. `null` if it gives none.
    #[serde(default)]
    pub config_schema: Value,
    /// The interfaces that it imports besides `request` and `telemetry`.
    #[serde(default)]
    pub needs: BTreeSet<String>,
}

impl Description {
    /// Parses the answer of `describe`. The error says what is wrong with it.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        if json.len() > JSON_MAX {
            return Err(format!("it has {} bytes, over {JSON_MAX}", json.len()));
        }
        let description: Self = serde_json::from_str(json).map_err(|e| e.to_string())?;
        description.check()?;
        Ok(description)
    }

    fn check(&self) -> Result<(), String> {
        check_text("name", &self.name, WORD_MAX)?;
        check_text("version", &self.version, WORD_MAX)?;
        check_text("summary", &self.summary, SUMMARY_MAX)?;
        self.needs
            .iter()
            .try_for_each(|need| check_text("needs", need, WORD_MAX))
    }
}

/// Checks a text that is shown in logs and to the operator.
fn check_text(key: &str, text: &str, max: usize) -> Result<(), String> {
    if text.len() > max {
        return Err(format!("`{key}` has {} bytes, over {max}", text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("`{key}` has control characters"));
    }
    Ok(())
}
