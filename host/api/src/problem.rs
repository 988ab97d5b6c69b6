//! Errors, as problem details (RFC 9457).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_TYPE: &str = "application/problem+json";
/// What the URI of every type of problem begins with.
const TYPES: &str = "urn:sluice:problem:";

/// An error of the API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Problem {
    /// A URI for the type of the problem: `urn:sluice:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(examples("urn:sluice:problem:wrong-key"))]
    pub kind: String,
    /// The type of the problem in words, the same each time.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, in one sentence.
    pub detail: String,
    /// The type of the problem, for programs. It stays the same between versions.
    pub code: Code,
}

/// The types of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The request carries no admin key.
    NoKey,
    /// The request carries a key that is not the admin key.
    WrongKey,
    /// There were too many wrong keys.
    TooManyWrongKeys,
    /// The process has no key that a request could carry.
    KeyUnavailable,
    /// The request does not name one host.
    NoHost,
    /// The request is for a host that Sluice is not.
    ForeignHost,
    /// A web page sent the request.
    ForeignPage,
    /// A parameter of the request can't be used.
    BadParameter,
    /// The path is not served, or there is no such thing as it names.
    NotFound,
    /// Nothing is recorded.
    NoRecording,
    /// The content was erased.
    Gone,
    /// The path does not take the method.
    MethodNotAllowed,
    /// The session is on hold, so nothing of it is erased.
    OnHold,
    /// The body of the request can't be used.
    BadBody,
    /// The body of the request did not come in time.
    BodyTimeout,
    /// The body of the request is too large.
    BodyTooLarge,
    /// The body of the request is not said to be JSON.
    NotJson,
    /// The request has too many lines of headers.
    TooManyHeaders,
    /// All connections are in use.
    Busy,
    /// The database failed.
    StoreFailed,
    /// Everything was erased, but another process keeps SQLite's log from being emptied.
    LogInUse,
    /// The process stops before it is done.
    Stopping,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::NoKey,
        Self::WrongKey,
        Self::TooManyWrongKeys,
        Self::KeyUnavailable,
        Self::NoHost,
        Self::ForeignHost,
        Self::ForeignPage,
        Self::BadParameter,
        Self::NotFound,
        Self::NoRecording,
        Self::Gone,
        Self::MethodNotAllowed,
        Self::OnHold,
        Self::BadBody,
        Self::BodyTimeout,
        Self::BodyTooLarge,
        Self::NotJson,
        Self::TooManyHeaders,
        Self::Busy,
        Self::StoreFailed,
        Self::LogInUse,
        Self::Stopping,
    ];

    /// The HTTP status of such a problem.
    pub fn status(self) -> u16 {
        match self {
            Self::NoHost | Self::BadParameter | Self::BadBody => 400,
            Self::NoKey | Self::WrongKey => 401,
            Self::ForeignHost | Self::ForeignPage => 403,
            Self::NotFound | Self::NoRecording => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTimeout => 408,
            Self::OnHold => 409,
            Self::Gone => 410,
            Self::BodyTooLarge => 413,
            Self::NotJson => 415,
            Self::TooManyWrongKeys => 429,
            Self::TooManyHeaders => 431,
            Self::StoreFailed => 500,
            Self::KeyUnavailable | Self::Busy | Self::LogInUse | Self::Stopping => 503,
        }
    }

    /// What such a problem is.
    pub fn title(self) -> &'static str {
        match self {
            Self::NoKey => "The request carries no admin key",
            Self::WrongKey => "The key is not the admin key",
            Self::TooManyWrongKeys => "There were too many wrong keys",
            Self::KeyUnavailable => "There is no admin key",
            Self::NoHost => "The request does not name one host",
            Self::ForeignHost => "The request is for another host",
            Self::ForeignPage => "A web page sent the request",
            Self::BadParameter => "A parameter can't be used",
            Self::NotFound => "There is no such thing",
            Self::NoRecording => "Nothing is recorded",
            Self::Gone => "The content was erased",
            Self::MethodNotAllowed => "The path does not take the method",
            Self::OnHold => "The session is on hold",
            Self::BadBody => "The body of the request can't be used",
            Self::BodyTimeout => "The body of the request did not come in time",
            Self::BodyTooLarge => "The body of the request is too large",
            Self::NotJson => "The body of the request is not JSON",
            Self::TooManyHeaders => "The request has too many lines of headers",
            Self::Busy => "All connections are in use",
            Self::StoreFailed => "The database failed",
            Self::LogInUse => "The database's log could not be emptied",
            Self::Stopping => "The process stops",
        }
    }

    /// The word for it.
    fn word(self) -> String {
        let word = serde_json::to_value(self).ok();
        let word = word.as_ref().and_then(serde_json::Value::as_str);
        word.unwrap_or_default().to_owned()
    }
}

impl Problem {
    /// A problem of this type. `detail` is one sentence about this request.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{TYPES}{}", code.word()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_has_the_members_of_the_rfc_and_a_code() {
        let problem = Problem::new(Code::WrongKey, "It has a typo.");
        let written = json!({
            "type": "urn:sluice:problem:wrong-key",
            "title": "The key is not the admin key",
            "status": 401,
            "detail": "It has a typo.",
            "code": "wrong-key",
        });
        assert_eq!(serde_json::to_value(problem).unwrap(), written);
    }

    #[test]
    fn each_code_has_a_status_of_errors_and_words_of_its_own() {
        let types: BTreeSet<_> = Code::ALL.map(|code| Problem::new(code, "").kind).into();
        let titles: BTreeSet<_> = Code::ALL.map(Code::title).into();
        assert_eq!(
            (types.len(), titles.len()),
            (Code::ALL.len(), Code::ALL.len())
        );
        assert!(
            Code::ALL
                .iter()
                .all(|code| (400..600).contains(&code.status()))
        );
    }
}
