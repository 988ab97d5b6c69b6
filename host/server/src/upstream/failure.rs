//! Why upstream could not be asked, in words that a caller may read: without the operator's URL.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use axum::http::StatusCode;
use thiserror::Error as ThisError;

use super::redirect::Redirect;

/// Why upstream could not be asked.
#[derive(Debug, ThisError)]
pub enum Error {
    /// No connection, or one that broke before the head of the reply.
    #[error("upstream can't be reached: {0}")]
    Unreachable(String),
    /// No connection, or no reply, in time.
    #[error("upstream did not answer within {0:?}")]
    TimedOut(Duration),
    /// A reply whose head is over hyper's bound of bytes, or the operator's of lines.
    #[error(
        "the head of upstream's reply is too large, or has too many lines (--max-header-lines)"
    )]
    LargeHead,
    /// A reply that stalls.
    #[error("upstream sent nothing for {0:?} within its reply (--idle-timeout)")]
    Silent(Duration),
    /// A reply that broke off.
    #[error("upstream's reply broke off: {0}")]
    Broken(String),
    /// A caller who stalls while its body is passed on.
    #[error("nothing of the request body arrived for {0:?} (--body-timeout)")]
    SlowUpload(Duration),
    /// The reply leads elsewhere.
    #[error(transparent)]
    Redirect(#[from] Redirect),
}

impl Error {
    /// The status a caller gets.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) | Self::LargeHead | Self::Broken(_) | Self::Redirect(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::TimedOut(_) | Self::Silent(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::SlowUpload(_) => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Whether the same request may fare better in a while. A redirect stays until somebody changes a URL.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Redirect(_))
    }

    /// Why there is no head of a reply.
    pub(super) fn headless(error: &hyper::Error) -> Self {
        match error.is_parse_too_large() {
            true => Self::LargeHead,
            false => Self::unreachable(error),
        }
    }

    /// The innermost cause: the outer ones say what was tried, which the caller knows.
    pub(super) fn unreachable(error: &(dyn StdError + 'static)) -> Self {
        Self::Unreachable(innermost(error))
    }

    /// A reply that ended before its end.
    pub(super) fn broken(error: &(dyn StdError + 'static)) -> Self {
        Self::Broken(innermost(error))
    }

    /// Why no connection was opened within `limit`. The system's own timeout may come first.
    pub(super) fn unopened(error: &(dyn StdError + 'static), limit: Duration) -> Self {
        let timed_out = |cause: &(dyn StdError + 'static)| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
        };
        match causes(error).any(timed_out) {
            true => Self::TimedOut(limit),
            false => Self::unreachable(error),
        }
    }
}

/// How long upstream was silent, if it is that which ended a body.
pub(crate) fn silence(error: &(dyn StdError + 'static)) -> Option<Duration> {
    let limit = |cause: &(dyn StdError + 'static)| match cause.downcast_ref()? {
        Error::Silent(limit) => Some(*limit),
        _ => None,
    };
    causes(error).find_map(limit)
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
