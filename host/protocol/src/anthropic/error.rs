//! Errors as the API words them, before the first byte and in a stream.

use bytes::Bytes;

use crate::{json::quote, sse::Frame};

/// The API's kinds of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorType {
    /// 400, and any other 4xx.
    InvalidRequest,
    /// 401.
    Authentication,
    /// 402.
    Billing,
    /// 403.
    Permission,
    /// 404.
    NotFound,
    /// 413.
    RequestTooLarge,
    /// 429.
    RateLimit,
    /// 500, and any other 5xx.
    Api,
    /// 504.
    Timeout,
    /// 529.
    Overloaded,
}

impl ErrorType {
    /// The kind that goes with an HTTP status.
    pub fn for_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            413 => Self::RequestTooLarge,
            429 => Self::RateLimit,
            504 => Self::Timeout,
            529 => Self::Overloaded,
            400..500 => Self::InvalidRequest,
            _ => Self::Api,
        }
    }

    /// The API's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request_error",
            Self::Authentication => "authentication_error",
            Self::Billing => "billing_error",
            Self::Permission => "permission_error",
            Self::NotFound => "not_found_error",
            Self::RequestTooLarge => "request_too_large",
            Self::RateLimit => "rate_limit_error",
            Self::Api => "api_error",
            Self::Timeout => "timeout_error",
            Self::Overloaded => "overloaded_error",
        }
    }
}

/// The body of an HTTP error. The `request-id` header should say the same id.
pub fn error_body(kind: ErrorType, message: &str, request_id: Option<&str>) -> Bytes {
    Bytes::from(error_json(kind, message, request_id))
}

/// The event that ends a stream with an error.
pub fn error_frame(kind: ErrorType, message: &str, request_id: Option<&str>) -> Bytes {
    Frame::new("error", &error_json(kind, message, request_id)).into_raw()
}

fn error_json(kind: ErrorType, message: &str, request_id: Option<&str>) -> String {
    format!(
        r#"{{"type":"error","error":{{"type":"{}","message":{}}},"request_id":{}}}"#,
        kind.as_str(),
        quote(message),
        request_id.map_or_else(|| "null".to_owned(), quote),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_body_has_the_apis_shape() {
        let body = error_body(ErrorType::for_status(403), "no \"rm\"", Some("req_1"));
        assert_eq!(
            body,
            r#"{"type":"error","error":{"type":"permission_error","message":"no \"rm\""},"request_id":"req_1"}"#
        );
    }

    #[test]
    fn an_error_in_a_stream_is_a_named_event() {
        let frame = error_frame(ErrorType::Api, "gone", None);
        assert_eq!(
            frame,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"gone\"},\"request_id\":null}\n\n"
        );
    }

    #[test]
    fn each_status_has_its_kind() {
        let kinds = [400, 401, 403, 404, 409, 413, 429, 500, 502, 504, 529]
            .map(|status| ErrorType::for_status(status).as_str());
        assert_eq!(
            kinds,
            [
                "invalid_request_error",
                "authentication_error",
                "permission_error",
                "not_found_error",
                "invalid_request_error",
                "request_too_large",
                "rate_limit_error",
                "api_error",
                "api_error",
                "timeout_error",
                "overloaded_error",
            ]
        );
    }
}
