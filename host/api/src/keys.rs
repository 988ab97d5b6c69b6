//! The keys that callers enter with.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

/// The names of the APIs that a key can be for.
const APIS: [&str; 4] = [
    "anthropic",
    "openai-chat",
    "openai-responses",
    "openai-embeddings",
];

/// A key that a caller enters with. Its secret is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Key {
    /// Its id. It may be shown.
    #[schema(examples("key_0123456789abcdef"))]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The pseudonym that its caller has in the record. A key that replaced another has the same.
    pub caller: String,
    /// Whether it is valid.
    pub state: KeyState,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What the operator sorts keys by, in the order of the names.
    pub labels: Vec<Label>,
    /// The models that it may ask; `*` stands for any characters. All if there is none.
    pub models: Vec<String>,
    /// The APIs that it may use. All if there is none.
    pub apis: Vec<String>,
    /// When it was made, in milliseconds of Unix time.
    pub created_at_ms: u64,
    /// From when on it is not valid any more, in milliseconds of Unix time.
    pub expires_at_ms: Option<u64>,
    /// When it was revoked, in milliseconds of Unix time.
    pub revoked_at_ms: Option<u64>,
}

/// What the operator sorts keys by, like a team.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// What it tells.
    #[schema(min_length = 1, max_length = 128)]
    pub name: String,
    /// What that is.
    #[schema(min_length = 1, max_length = 128)]
    pub value: String,
}

/// Whether a key is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// It lets its caller in.
    Valid,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// A newer version of Sluice made it, and this one can't read what it allows. It lets nobody in.
    Unreadable,
}

/// All keys, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Keys {
    /// The keys.
    pub keys: Vec<Key>,
}

/// A key that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// What people call it.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    /// Who answers for it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub owner: Option<String>,
    /// What the operator sorts keys by. Of two with the same name the later counts.
    #[serde(default)]
    #[schema(max_items = 16)]
    pub labels: Vec<Label>,
    /// The models that it may ask; `*` stands for any characters. All if there is none.
    #[serde(default)]
    #[schema(schema_with = models)]
    pub models: Vec<String>,
    /// The APIs that it may use, by their names. All if there is none.
    #[serde(default)]
    #[schema(schema_with = apis)]
    pub apis: Vec<String>,
    /// For how long it is valid, in seconds. Until it is revoked if nothing is said.
    #[serde(default, deserialize_with = "maybe_whole")]
    #[schema(minimum = 1, maximum = 3_153_600_000_u64)]
    pub lasts_s: Option<u64>,
    /// The pseudonym of a caller that the record knows already, who gets the key: `clr_` and 32 hexadecimal digits.
    #[serde(default)]
    #[schema(pattern = "^clr_[0-9a-f]{32}$")]
    pub caller: Option<String>,
}

/// How a key is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// For how long both keys are valid, in seconds.
    #[serde(deserialize_with = "whole")]
    #[schema(minimum = 0, maximum = 31_536_000_u64)]
    pub grace_s: u64,
}

/// A key that was made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CreatedKey {
    /// The key itself, which is told this once: what the agent gets as its API key.
    pub secret: String,
    /// What is kept of it.
    pub key: Key,
}

fn models() -> Array {
    let model = ObjectBuilder::new().schema_type(Type::String);
    let model = model.min_length(Some(1)).max_length(Some(128));
    let models = ArrayBuilder::new().items(model).max_items(Some(64));
    models
        .description(Some(
            "The models that it may ask; `*` stands for any characters. All if there is none.",
        ))
        .build()
}

fn apis() -> Array {
    let api = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(APIS));
    let apis = ArrayBuilder::new().items(api);
    apis.description(Some(
        "The APIs that it may use, by their names. All if there is none.",
    ))
    .build()
}

/// Reads a whole number. JSON has one kind of number, so `60.0` is one too.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(u64),
        Real(f64),
    }
    /// Beyond it not every whole number is a float.
    const MOST: f64 = (1_u64 << 53) as f64;
    match Number::deserialize(deserializer)? {
        Number::Whole(number) => Ok(number),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole and in bounds"
        )]
        Number::Real(number) if number.fract() == 0.0 && (0.0..=MOST).contains(&number) => {
            Ok(number as u64)
        }
        Number::Real(_) => Err(serde::de::Error::custom("expected a whole number")),
    }
}

fn maybe_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    struct Whole(#[serde(deserialize_with = "whole")] u64);
    let number = Option::<Whole>::deserialize(deserializer)?;
    Ok(number.map(|Whole(number)| number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_whole_however_json_writes_it() {
        let read = |text: &str| {
            let body = format!(r#"{{"grace_s":{text}}}"#);
            serde_json::from_str::<RotateKey>(&body).map(|read| read.grace_s)
        };
        for (text, number) in [("60", 60), ("60.0", 60), ("6e1", 60), ("0", 0)] {
            assert_eq!(read(text).unwrap(), number, "{text}");
        }
        for text in ["-1", "0.5", "1e300", "\"60\"", "null", "true"] {
            assert!(read(text).is_err(), "{text}");
        }
        let asked: CreateKey = serde_json::from_str(r#"{"name":"a","lasts_s":9.0}"#).unwrap();
        assert_eq!(asked.lasts_s, Some(9));
        let asked: CreateKey = serde_json::from_str(r#"{"name":"a","lasts_s":null}"#).unwrap();
        assert_eq!(asked.lasts_s, None);
    }
}
