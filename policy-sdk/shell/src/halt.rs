//! Why following ends early.

/// Why following a command ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The policy objects.
    Found,
    /// It takes more steps than one command may.
    Spent,
    /// What was taken for a here-document and set aside is none.
    Mistaken,
}

/// What following a part of a command gives, or the reason to stop.
pub(crate) type Outcome<T> = Result<T, Halt>;
