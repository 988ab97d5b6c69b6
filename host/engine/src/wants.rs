//! Reads what a policy wants to see.

use serde_json::{Map, Value};
use sluice_protocol::{Delivery, Wants};

/// The keys in the answer of `configure`.
const KEYS: &str = "`request`, `end`, `text`, `thinking`, `tool_call`, `other`, `stateless`";

/// What one policy wants of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PolicyWants {
    /// Whether `on-request` is called.
    pub request: bool,
    /// What it wants of the reply.
    pub reply: Wants,
    /// Whether each call is made on an instance of its own.
    pub stateless: bool,
}

impl PolicyWants {
    /// Strict, because a misread key would be a check that silently does not happen.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let map: Map<String, Value> =
            serde_json::from_str(json).map_err(|e| format!("it is not a JSON object: {e}"))?;
        let mut wants = Self::default();
        for (key, value) in &map {
            wants.set(key, value)?;
        }
        Ok(wants)
    }

    /// A policy that wants nothing and never sees an exchange.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.request && self.reply == Wants::NOTHING
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match key {
            "request" => self.request = boolean(key, value)?,
            "end" => self.reply.end = boolean(key, value)?,
            "text" => self.reply.text = delivery(key, value)?,
            "thinking" => self.reply.thinking = whole_or_less(key, value)?,
            "tool_call" => self.reply.tool_call = whole_or_less(key, value)?,
            "other" => self.reply.other = whole_or_less(key, value)?,
            "stateless" => self.stateless = boolean(key, value)?,
            _ => return Err(format!("there is no `{key}` to want; there are {KEYS}")),
        }
        Ok(())
    }
}

fn boolean(key: &str, value: &Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("`{key}` is `true` or `false`, not `{value}`"))
}

fn delivery(key: &str, value: &Value) -> Result<Delivery, String> {
    match value.as_str() {
        Some("none") => Ok(Delivery::None),
        Some("observe") => Ok(Delivery::Observe),
        Some("pieces") => Ok(Delivery::Pieces),
        Some("whole") => Ok(Delivery::Whole),
        _ => Err(format!(
            "`{key}` is one of `none`, `observe`, `whole` and (for `text` alone) `pieces`, \
             not `{value}`"
        )),
    }
}

fn whole_or_less(key: &str, value: &Value) -> Result<Delivery, String> {
    match delivery(key, value)? {
        Delivery::Pieces => Err(format!(
            "`{key}` can't come in `pieces`, only `text` can; ask for it `whole`"
        )),
        delivery => Ok(delivery),
    }
}

#[cfg(test)]
mod tests {
    use sluice_protocol::{Delivery, Wants};

    use super::PolicyWants;

    #[test]
    fn an_empty_object_wants_nothing() {
        assert!(PolicyWants::parse("{}").unwrap().is_nothing());
        let stateless = PolicyWants::parse(r#"{"stateless":true}"#);
        assert!(stateless.unwrap().is_nothing());
    }

    #[test]
    fn each_key_is_read() {
        let wants = PolicyWants::parse(
            r#"{"request":true,"end":true,"text":"pieces","thinking":"observe","tool_call":"whole","stateless":true}"#,
        );
        let reply = Wants {
            text: Delivery::Pieces,
            thinking: Delivery::Observe,
            tool_call: Delivery::Whole,
            other: Delivery::None,
            end: true,
            redo: false,
        };
        assert_eq!(
            wants,
            Ok(PolicyWants {
                request: true,
                reply,
                stateless: true,
            })
        );
    }

    #[test]
    fn a_want_that_can_not_be_met_is_refused_with_a_clear_text() {
        let fault = |json| PolicyWants::parse(json).unwrap_err();
        assert!(fault(r#"{"tool_calls":"whole"}"#).starts_with("there is no `tool_calls` to want"));
        assert!(fault(r#"{"tool_call":"pieces"}"#).contains("can't come in `pieces`"));
        assert!(fault(r#"{"text":"full"}"#).contains(r#"not `"full"`"#));
        assert!(fault(r#"{"end":"yes"}"#).contains("`true` or `false`"));
        assert!(fault("[]").starts_with("it is not a JSON object"));
    }
}
