//! Who may call.
//!
//! Credentials are upstream's to check: they are passed through and never looked into. A request that carries none
//! is refused here, so that an open upstream is not lent to whoever finds the port. So is one that a web page made
//! a browser send. The operators' door has a key of its own, which is Sluice's to check.

mod admin_key;
mod callers;
mod host_name;

pub use admin_key::{
    AdminKey, AdminKeys, Admitted, KeyFolder, NoAdminKey, Nonce, Refused, proved_address,
};
pub use callers::{Callers, Foreign};
pub use host_name::{HostName, HostNameError};
