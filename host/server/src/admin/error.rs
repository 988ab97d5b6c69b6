//! The errors of the operators' door, as problem details.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sluice_api::{Code, PROBLEM_TYPE, Problem};

use crate::auth::{Foreign, Refused};
use crate::telemetry::clip;

/// What is wrong with a request, and the header that says what would be right, if HTTP has one.
#[derive(Debug)]
pub(crate) struct Error {
    problem: Box<Problem>,
    advice: Option<(HeaderName, HeaderValue)>,
}

impl Error {
    /// An error of this type. `detail` is one sentence about this request.
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            problem: Box::new(Problem::new(code, detail)),
            advice: None,
        }
    }

    pub(super) fn not_found(path: &str) -> Self {
        let path = clip(path);
        Self::new(Code::NotFound, format!("{path} is not served to operators"))
    }

    pub(super) fn method_not_allowed(method: &Method, path: &str) -> Self {
        let (method, path) = (clip(method.as_str()), clip(path));
        Self::new(
            Code::MethodNotAllowed,
            format!("{path} does not take {method}"),
        )
    }

    /// What is wrong with this request.
    #[cfg(test)]
    pub(super) fn detail(&self) -> &str {
        &self.problem.detail
    }

    /// Its type.
    #[cfg(test)]
    pub(super) fn code(&self) -> Code {
        self.problem.code
    }

    pub(super) fn after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.advising(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    fn advising(self, name: HeaderName, value: HeaderValue) -> Self {
        Self {
            advice: Some((name, value)),
            ..self
        }
    }
}

impl From<Foreign> for Error {
    fn from(foreign: Foreign) -> Self {
        let code = match foreign {
            Foreign::NoHost => Code::NoHost,
            Foreign::Host(_) => Code::ForeignHost,
            Foreign::Page(_) => Code::ForeignPage,
        };
        Self::new(code, foreign.to_string())
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let error = |code| Self::new(code, refused.to_string());
        let challenge = HeaderValue::from_static("Bearer realm=\"sluice\"");
        match refused {
            Refused::NoKey => error(Code::NoKey).advising(header::WWW_AUTHENTICATE, challenge),
            Refused::Several | Refused::NotOne(_) | Refused::Wrong => {
                error(Code::WrongKey).advising(header::WWW_AUTHENTICATE, challenge)
            }
            Refused::TooMany(wait) => error(Code::TooManyWrongKeys).after(wait),
            Refused::Unavailable(_) => error(Code::KeyUnavailable),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if let Some((name, value)) = self.advice {
            headers.insert(name, value);
        }
        response
    }
}
