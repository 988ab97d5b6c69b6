//! Reads what the operator wrote under `config`. Every fault names its field.

use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// The faults of a configuration, one sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<String>);

/// The configuration of a policy that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

impl Faults {
    /// The sentences, in order.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}

impl From<String> for Faults {
    fn from(fault: String) -> Self {
        Self(vec![fault])
    }
}

impl From<&str> for Faults {
    fn from(fault: &str) -> Self {
        Self(vec![fault.to_owned()])
    }
}

impl From<Vec<String>> for Faults {
    fn from(faults: Vec<String>) -> Self {
        Self(faults)
    }
}

/// Parses a configuration. A missing configuration counts as an empty one.
pub(crate) fn read<C: DeserializeOwned>(json: &str) -> Result<C, Faults> {
    let mut value: Value = match json.trim() {
        "" => Value::Null,
        json => serde_json::from_str(json).map_err(|e| format!("the config is not JSON: {e}"))?,
    };
    if value.is_null() {
        value = Value::Object(serde_json::Map::new());
    }
    let mut track = serde_path_to_error::Track::new();
    let mut unknown = Vec::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| {
        unknown.push(format!("{path}: there is no such field"));
    });
    match read {
        Ok(config) if unknown.is_empty() => Ok(config),
        Ok(_) => Err(unknown.into()),
        Err(error) => match track.path().to_string().as_str() {
            "." => Err(error.to_string().into()),
            path => Err(format!("{path}: {error}").into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[serde(default)]
        rules: Vec<Rule>,
    }

    #[derive(Debug, Deserialize)]
    struct Rule {
        #[expect(dead_code, reason = "only its type matters here")]
        from: String,
    }

    fn faults(json: &str) -> Vec<String> {
        read::<Outer>(json).expect_err("a fault").into_vec()
    }

    #[test]
    fn a_fault_names_its_field() {
        assert_eq!(
            faults(r#"{"rules": [{"from": "a"}, {"from": 3}]}"#),
            ["rules[1].from: invalid type: integer `3`, expected a string"]
        );
    }

    #[test]
    fn unknown_fields_are_refused_without_an_attribute_too() {
        assert_eq!(
            faults(r#"{"rulez": [], "rules": [{"from": "a", "too": 1}]}"#),
            [
                "rules.0.too: there is no such field",
                "rulez: there is no such field"
            ]
        );
        let faults = read::<NoConfig>(r#"{"x": 1}"#).expect_err("a fault");
        assert!(faults.into_vec()[0].contains("unknown field `x`"));
    }

    #[test]
    fn no_configuration_is_an_empty_one() {
        for json in ["", "null", "{}"] {
            assert!(read::<Outer>(json).expect("empty").rules.is_empty());
            assert_eq!(read::<NoConfig>(json), Ok(NoConfig {}));
        }
    }
}
