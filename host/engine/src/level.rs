//! How much is recorded of an exchange.

/// How much the events of an exchange tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventLevel {
    /// What policies said and did. Nothing of the exchange is kept.
    #[default]
    Outcomes,
    /// Also what they were given and what they left of it.
    Contents,
}
