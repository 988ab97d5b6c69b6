//! Why following a text ends early.

/// Why following a command ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The policy objects.
    Found,
    /// It takes more steps than one command may take.
    Spent,
    /// A text was set aside as a here-document, but is none.
    Mistaken,
}

/// The result of following a part of a command, or the reason to stop.
pub(crate) type Outcome<T> = Result<T, Halt>;
