//! Errors as `OpenAI`'s APIs word them.

use bytes::Bytes;

use crate::{ReplyError, api::Problem, json::quote};

/// The APIs' kinds of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// 400, and any other 4xx.
    InvalidRequest,
    /// 401.
    Authentication,
    /// 403.
    Permission,
    /// 429.
    RateLimit,
    /// 500, and any other 5xx.
    Server,
}

/// What a program reads in an error that a policy made.
const POLICY_BLOCKED: &str = "policy_blocked";

impl ErrorType {
    /// The kind that goes with an HTTP status.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            403 => Self::Permission,
            429 => Self::RateLimit,
            400..500 => Self::InvalidRequest,
            _ => Self::Server,
        }
    }

    /// The APIs' word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request_error",
            Self::Authentication => "authentication_error",
            Self::Permission => "permission_error",
            Self::RateLimit => "rate_limit_error",
            Self::Server => "server_error",
        }
    }
}

/// The body of an HTTP error. A refusal has the `code` `policy_blocked`.
pub fn error_body(problem: &Problem<'_>) -> Bytes {
    let kind = ErrorType::for_status(problem.status);
    let code = problem.refused.then_some(POLICY_BLOCKED);
    Bytes::from(error_object(kind, problem.message, code))
}

/// `{"error":{…}}`, the body of an HTTP error and the data of the frame that ends a stream of chunks.
pub(crate) fn error_object(kind: ErrorType, message: &str, code: Option<&str>) -> String {
    format!(
        r#"{{"error":{{"message":{},"type":"{}","param":null,"code":{}}}}}"#,
        quote(message),
        kind.as_str(),
        code.map_or_else(|| "null".to_owned(), quote),
    )
}

/// What a program reads in the error of a reply that can't go on.
pub(crate) fn error_code(error: &ReplyError) -> &'static str {
    match error {
        ReplyError::Idle { .. } => "timeout",
        _ => "server_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_that_a_policy_blocked_the_request() {
        let problem = Problem {
            status: 403,
            message: "no \"rm\"",
            refused: true,
            request_id: None,
        };
        assert_eq!(
            error_body(&problem),
            r#"{"error":{"message":"no \"rm\"","type":"permission_error","param":null,"code":"policy_blocked"}}"#
        );
    }

    #[test]
    fn each_status_has_its_kind() {
        let kinds = [400, 401, 403, 404, 413, 429, 500, 504]
            .map(|status| ErrorType::for_status(status).as_str());
        assert_eq!(
            kinds,
            [
                "invalid_request_error",
                "authentication_error",
                "permission_error",
                "invalid_request_error",
                "invalid_request_error",
                "rate_limit_error",
                "server_error",
                "server_error",
            ]
        );
    }
}
