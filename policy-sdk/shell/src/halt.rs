//! Why following ends early.

/// Why following a command ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The policy objects.
    Found,
    /// It takes more steps than one command may.
    Spent,
}

/// What following a part of a command gives, or the reason to stop.
pub(crate) type Outcome<T> = Result<T, Halt>;
