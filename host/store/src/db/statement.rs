//! Statements, and which of their texts a database takes.

use std::borrow::Cow;

/// How many statements each connection keeps prepared. Inserts of many rows have a text for each number of rows.
pub(super) const STATEMENTS: usize = 512;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A statement that is known when we compile.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// Something that can be run.
pub(crate) trait Sql {
    /// Its text for a database. It never holds a value that somebody sent: those are bound.
    fn text(&self, kind: Kind) -> Cow<'static, str>;
}

impl Sql for Statement {
    fn text(&self, kind: Kind) -> Cow<'static, str> {
        Cow::Borrowed(match kind {
            Kind::Sqlite => self.sqlite,
            Kind::Postgres => self.postgres,
        })
    }
}

impl Sql for &'static str {
    fn text(&self, _: Kind) -> Cow<'static, str> {
        Cow::Borrowed(self)
    }
}

impl Sql for String {
    fn text(&self, _: Kind) -> Cow<'static, str> {
        Cow::Owned(self.clone())
    }
}

/// Declares statements, with one text for both databases or one for each, and lists them all for the test that
/// prepares every statement on both.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sqlite:literal $(, postgres $postgres:literal)?;)+) => {
        $(
            $(#[$doc])*
            pub(super) const $name: $crate::db::Statement = $crate::db::Statement {
                sqlite: $sqlite,
                postgres: $crate::db::statements!(@postgres $sqlite $(, $postgres)?),
            };
        )+
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &$crate::db::Statement)] = &[$((stringify!($name), &$name)),+];
    };
    (@postgres $sqlite:literal) => { $sqlite };
    (@postgres $sqlite:literal, $postgres:literal) => { $postgres };
}
pub(crate) use statements;
