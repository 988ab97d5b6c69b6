//! The errors of asking upstream, in words that a caller may read. They do not show the operator's URL.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use axum::http::StatusCode;
use thiserror::Error as ThisError;

use super::redirect::Redirect;

/// Why upstream could not be asked.
#[derive(Debug, ThisError)]
pub enum Error {
    /// There was no connection, or it broke before the head of the reply.
    #[error("upstream can't be reached: {0}")]
    Unreachable(String),
    /// There was no connection or no reply in time.
    #[error("upstream did not answer within {0:?}")]
    TimedOut(Duration),
    /// The head of the reply has more bytes than hyper allows, or more lines than the operator does.
    #[error(
        "the head of upstream's reply is too large, or has too many lines (--max-header-lines)"
    )]
    LargeHead,
    /// The reply stalled.
    #[error("upstream sent nothing for {0:?} within its reply (--idle-timeout)")]
    Idle(Duration),
    /// The reply broke off.
    #[error("upstream's reply broke off: {0}")]
    Broken(String),
    /// The caller stalled while its body was passed on.
    #[error("nothing of the request body arrived for {0:?} (--body-timeout)")]
    SlowUpload(Duration),
    /// The reply leads elsewhere.
    #[error(transparent)]
    Redirect(#[from] Redirect),
}

impl Error {
    /// Returns the status that the caller gets.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreachable(_) | Self::LargeHead | Self::Broken(_) | Self::Redirect(_) => {
                StatusCode::BAD_GATEWAY
            }
            Self::TimedOut(_) | Self::Idle(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::SlowUpload(_) => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Whether the same request may succeed later. A redirect stays until somebody changes a URL.
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Redirect(_))
    }

    /// The error for a request that got no head of a reply.
    pub(super) fn headless(error: &hyper::Error) -> Self {
        match error.is_parse_too_large() {
            true => Self::LargeHead,
            false => Self::unreachable(error),
        }
    }

    /// The error for a connection that could not be opened, or that broke. It names the innermost cause: the outer
    /// ones say what was tried, which the caller knows.
    pub(super) fn unreachable(error: &(dyn StdError + 'static)) -> Self {
        Self::Unreachable(innermost(error))
    }

    /// The error for a reply that ended too early.
    pub(super) fn broken(error: &(dyn StdError + 'static)) -> Self {
        Self::Broken(innermost(error))
    }

    /// The error for a connection that was not opened within `limit`. The system's own timeout may come first.
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

/// Returns the idle timeout if it is what ended a body.
pub(crate) fn idle_time(error: &(dyn StdError + 'static)) -> Option<Duration> {
    let limit = |cause: &(dyn StdError + 'static)| match cause.downcast_ref()? {
        Error::Idle(limit) => Some(*limit),
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
