//! The key of the operators' door.
//!
//! It is made at the first start, and only its hash is kept. There is one for each data folder, whatever number of
//! processes share the folder. Nobody is let in without it, wherever a request comes from: agents run on the operator's
//! machine too.

mod check;
mod folder;
mod proof;
mod text;
mod throttle;

pub use check::{AdminKeys, AdmittedOperator, Refused};
pub use folder::KeyFolder;
pub use proof::{Nonce, proved_address};
pub use text::{AdminKey, NoAdminKey};
