//! Follows shell commands and scripts for policies, without running anything.
//!
//! A policy implements [`Watch`] and hands a command to a [`Follower`]. The follower reads it as a
//! shell would: it looks inside wrappers such as `sudo`, follows pipes, substitutions, variables,
//! functions and scripts of other languages, and reports to the policy each simple command, each
//! file that is written, and each download that is run. It stops when the policy objects to one of
//! them.
//!
//! With each report comes a [`Scene`]: what is known at that point. The policy can read it and not
//! change it. A part of a text that is only known when the command runs is a [mark](marks) in it.
//!
//! ```
//! use sluice_policy_shell::{Command, Follower, Names, Scene, Stop, Text, Watch};
//!
//! /// Objects to shutdowns.
//! struct NoShutdown {
//!     names: Names,
//! }
//!
//! impl Watch for NoShutdown {
//!     type Finding = String;
//!
//!     fn names(&self) -> &Names {
//!         &self.names
//!     }
//!
//!     fn command(&self, _: &Scene, command: &Command<'_>) -> Result<(), String> {
//!         match command.name {
//!             "shutdown" => Err(command.argv.join(" ")),
//!             _ => Ok(()),
//!         }
//!     }
//! }
//!
//! let watch = NoShutdown { names: Names::new(["shutdown"]) };
//! let text = Text::Shell("sudo bash -c 'sleep 5; shutdown now'".to_owned());
//! let stop = Follower::new(&watch).follow(&text);
//! assert_eq!(stop, Err(Stop::Found("shutdown now".to_owned())));
//! ```
//!
//! The modules form floors, from the top: `follower`; `shell`; `notebook` and `words`, which read what no
//! parser reads; `script`; `powershell` and `cmd`; `runner`, through which all of these call back
//! into the shell; `watch`, `writes` and `scene`; and modules that read single texts (`options`, `path`,
//! `marks`, …).

#![warn(missing_docs)]

mod base64;
mod cmd;
mod cmdlet;
mod downloads;
mod escapes;
mod follower;
mod glob;
mod halt;
mod language;
pub mod marks;
mod names;
mod notebook;
mod options;
mod path;
mod powershell;
mod runner;
mod scene;
mod script;
mod shell;
mod watch;
mod windows;
mod words;
mod writes;

pub use downloads::is_download;
pub use follower::{Follower, Stop, Text};
pub use glob::matches;
pub use language::Language;
pub use names::Names;
pub use options::{Options, asks_for_help};
pub use path::{Base, Path, base_name};
pub use scene::{Scene, System};
pub use watch::{Candidate, Command, Function, Watch};
pub use writes::{Way, Write};
