//! What upstream replies cost that one reply to the caller is made of.

use memchr::memmem;
use serde_json::{Map, Number, Value};

use crate::{
    account::{Account, Told},
    json::{Edit, Span, fields},
    sse::Frame,
};

type Counts = Map<String, Value>;

/// The counts of the replies so far.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    /// Of those that are over, together.
    before: Counts,
    /// What the latest tells of itself.
    told: Told,
}

impl Spent {
    /// Notes what a frame says of the latest reply.
    pub(crate) fn hear<A: Account>(&mut self, data: &[u8]) {
        if memmem::find(data, b"\"usage\"").is_some()
            && let Ok(said) = serde_json::from_slice(data)
        {
            A::tell(&said, &mut self.told);
        }
    }

    /// Another reply begins.
    pub(crate) fn begin_next(&mut self) {
        self.before = self.total();
        self.told = Told::default();
    }

    /// The frame with the counts of all replies in the place of its own, if it has any.
    pub(crate) fn adapted<A: Account>(&mut self, frame: Frame) -> Frame {
        self.hear::<A>(frame.data());
        match usage_at(frame.data()) {
            Some(span) => frame.edited(vec![Edit {
                span,
                with: Value::from(self.total()).to_string(),
            }]),
            None => frame,
        }
    }

    fn total(&self) -> Counts {
        let mut total = self.before.clone();
        add_all(&mut total, self.told.usage.as_ref());
        total
    }
}

/// Where an object called `usage` stands: at the top, or in the response that an event carries.
fn usage_at(data: &[u8]) -> Option<Span> {
    memmem::find(data, b"\"usage\"")?;
    let is_object = |span: &Span| span.bytes(data).starts_with(b"{");
    let [usage, response] = fields(data, ["usage", "response"]).ok()?;
    let inside = |response: Span| {
        let [usage] = fields(response.bytes(data), ["usage"]).ok()?;
        Some(usage?.shifted(response.start))
    };
    usage
        .filter(is_object)
        .or_else(|| inside(response?).filter(is_object))
}

fn add_all(total: &mut Counts, more: Option<&Counts>) {
    for (name, more) in more.into_iter().flatten() {
        match total.get_mut(name) {
            Some(total) => add(total, more),
            None => drop(total.insert(name.clone(), more.clone())),
        }
    }
}

/// Numbers are added up, those in objects too, whatever their names; lists follow one another. Of anything else the later
/// counts, if it says something.
fn add(total: &mut Value, more: &Value) {
    match (&mut *total, more) {
        (_, Value::Null) => {}
        (Value::Object(total), Value::Object(more)) => add_all(total, Some(more)),
        (Value::Array(total), Value::Array(more)) => total.extend(more.iter().cloned()),
        (Value::Number(one), Value::Number(other)) => {
            if let Some(sum) = sum(one, other) {
                *one = sum;
            }
        }
        (total, more) => *total = more.clone(),
    }
}

fn sum(one: &Number, other: &Number) -> Option<Number> {
    if let (Some(one), Some(other)) = (one.as_u64(), other.as_u64()) {
        return Some(Number::from(one.saturating_add(other)));
    }
    if let (Some(one), Some(other)) = (one.as_i64(), other.as_i64()) {
        return Some(Number::from(one.saturating_add(other)));
    }
    Number::from_f64(one.as_f64()? + other.as_f64()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::anthropic;

    #[test]
    fn counts_are_added_up_field_by_field() {
        let mut total = json!({
            "a": 1, "b": 1.5, "c": null, "d": { "e": 2, "f": 3 }, "g": "old", "h": [1], "i": -3,
        });
        let more = json!({
            "a": 2, "b": 1, "c": 4, "d": { "e": 5, "new": 6 }, "g": "new", "h": [2], "i": 1, "j": 7, "k": null,
        });
        add(&mut total, &more);
        let sum = json!({
            "a": 3, "b": 2.5, "c": 4, "d": { "e": 7, "f": 3, "new": 6 }, "g": "new", "h": [1, 2], "i": -2, "j": 7, "k": null,
        });
        assert_eq!(total, sum);
        add(&mut total, &Value::Null);
        assert_eq!(total, sum);
        let most = json!(u64::MAX);
        let mut total = most.clone();
        add(&mut total, &json!(1));
        assert_eq!(total, most);
    }

    #[test]
    fn the_last_count_of_a_reply_is_its_own_and_a_reply_may_tell_none() {
        let mut spent = Spent::default();
        for count in [
            r#"{"usage":{"output_tokens":1}}"#,
            r#"{"usage":{"output_tokens":5}}"#,
        ] {
            spent.hear::<anthropic::Account>(count.as_bytes());
        }
        spent.begin_next();
        let frame = |data: &str| Frame::new("", data);
        let same = [
            r#"{"usage":null}"#,
            r#"{"x":{"usage":{"output_tokens":3}}}"#,
            r#"["usage"]"#,
        ];
        for same in same {
            let adapted = spent.adapted::<anthropic::Account>(frame(same));
            assert_eq!(adapted, frame(same));
        }
        let adapted = spent
            .adapted::<anthropic::Account>(frame(r#"{"a":0,"usage":{"output_tokens":3},"b":0}"#));
        assert_eq!(
            adapted.data(),
            br#"{"a":0,"usage":{"output_tokens":8},"b":0}"#
        );
        spent.begin_next();
        spent.begin_next();
        let adapted = spent.adapted::<anthropic::Account>(frame(r#"{"usage":{}}"#));
        assert_eq!(adapted.data(), br#"{"usage":{"output_tokens":8}}"#);
    }
}
