//! Who may call.
//!
//! A provider's key is upstream's to check: it is passed through and never looked into. A request that carries none
//! is refused here, so that an open upstream is not lent to whoever finds the port. So is one that a web page made
//! a browser send. Where callers have keys of ours, those are checked here, and upstream never sees them. The operators'
//! door has a key of its own.

mod admin_key;
mod caller_keys;
mod callers;
mod gate;
mod host_name;
mod provider_keys;
mod secret_text;

pub use admin_key::{
    AdminKey, AdminKeys, AdmittedOperator, KeyFolder, NoAdminKey, Nonce, Refused, proved_address,
};
pub use caller_keys::{
    BadKey, Invalid, KeyName, KeyRegister, KeyTable, KeyText, NewKey, NoChange, NotAName, NotTerms,
    Pattern, Terms, created, follow, shown,
};
pub use callers::{Callers, Foreign};
pub use gate::{Accepted, Admitted, Denied, Gate, NotAllowed};
pub use host_name::{HostName, HostNameError};
pub use provider_keys::{NotAKey, ProviderKeys};
