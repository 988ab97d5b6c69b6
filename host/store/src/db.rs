//! A database, as the rest of the crate sees it: statements go in, rows of plain values come out.
//!
//! Both databases take the same text for nearly every statement (`$1`, `ON CONFLICT`, `RETURNING`, recursive queries),
//! so it stands once. What differs between them is in [`Statement`]s with two texts, and in the rooms below: how a
//! connection is made, how a transaction begins, which errors pass by themselves.

mod connect;
mod insert;
mod postgres;
mod sqlite;
mod statement;
mod value;

pub(crate) use connect::{Database, Tx};
#[cfg(test)]
pub(crate) use insert::with_keys;
pub(crate) use insert::{Insert, in_list, in_list_of, insert};
pub(crate) use statement::{Kind, Sql, Statement, statements};
pub(crate) use value::{Row, Value};
