//! A result of a check.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// Traffic goes around Sluice, or does not arrive.
    Problem,
}

/// One sentence, and how bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    pub(super) text: String,
}

pub(super) fn fine(text: impl Into<String>) -> Finding {
    of(Severity::Fine, text)
}

pub(super) fn note(text: impl Into<String>) -> Finding {
    of(Severity::Note, text)
}

pub(super) fn problem(text: impl Into<String>) -> Finding {
    of(Severity::Problem, text)
}

fn of(severity: Severity, text: impl Into<String>) -> Finding {
    Finding {
        severity,
        text: text.into(),
    }
}
