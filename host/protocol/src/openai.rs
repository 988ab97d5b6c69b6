//! What the `OpenAI` APIs have in common.

mod arguments;
pub(crate) mod calls;
mod error;
pub(crate) mod items;
pub(crate) mod tools;
mod usage;

pub(crate) use arguments::{read_arguments, read_input, write_arguments};
pub use error::{ErrorType, error_body};
pub(crate) use error::{error_code, error_object};
pub(crate) use usage::usage;

use crate::view::Words;

/// How the APIs say what is wrong with a body.
pub(crate) const WORDS: Words = Words {
    required: "this parameter is missing",
    twice: "this parameter stands twice",
    string: "a string is expected",
    filled: "a string that is not empty is expected",
    boolean: "a boolean is expected",
    object: "an object is expected",
    list: "an array is expected",
    content: "a string or an array of objects is expected",
};
