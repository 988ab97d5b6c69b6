//! Invariants of the readings of a tool call's arguments.

use serde_json::Value;
use sluice_policy_sdk::ToolCall;

/// How many times the length of the arguments all readings together may have, with letters escaped.
/// A text can be decoded in several ways and read in several more. What matters is that these do
/// not multiply without end.
const MOST_TEXT: usize = 5_000;

/// Panics if an invariant is broken.
pub(crate) fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let raw = call(Value::from(text.as_ref()).to_string());
    let readings = raw.readings();
    for reading in &readings {
        assert!(reading.is_object() || reading.is_array(), "{reading}");
    }
    let all: usize = readings
        .iter()
        .map(|reading| reading.to_string().len())
        .sum();
    assert!(
        all <= (text.len() + 16) * MOST_TEXT,
        "{all} bytes of {}",
        text.len()
    );
    if let Ok(strict @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(&text) {
        assert_eq!(readings.first(), Some(&strict));
        assert_eq!(call(text.into_owned()).readings(), readings);
    }
}

fn call(arguments: String) -> ToolCall {
    ToolCall {
        id: String::new(),
        name: String::new(),
        arguments,
    }
}
