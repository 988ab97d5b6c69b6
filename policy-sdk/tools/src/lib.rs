//! Says what a tool call of an agent *does*: which commands it runs and in which shell, which files it
//! writes, which calls a program in it makes.
//!
//! Every agent has its own tools, with names and arguments of their own, and MCP servers add more. This
//! crate knows those of many agents, and goes by the names of arguments, by the tool's name however it is
//! decorated, and by its declaration. It has no opinion on what it finds: a policy judges.
//!
//! ```
//! use sluice_policy_sdk::ToolCall;
//! use sluice_policy_shell::Text;
//! use sluice_policy_tools::{Call, Reader};
//!
//! let call = |name: &str, arguments: &str| ToolCall {
//!     id: String::new(),
//!     name: name.to_owned(),
//!     arguments: arguments.to_owned(),
//! };
//! let reader = Reader::default();
//!
//! let bash = call("mcp__box__bash", r#"{"command": "ls", "cwd": "/srv"}"#);
//! let commands = Call::of(&bash, None, &reader).commands();
//! assert_eq!(commands[0].text, Text::Shell("ls".to_owned()));
//! assert_eq!(commands[0].folder.as_deref(), Some("/srv"));
//!
//! let edit = call("Edit", r#"{"file_path": "a.rs", "old_string": "x", "new_string": "y"}"#);
//! let written = Call::of(&edit, None, &reader).writes();
//! assert_eq!(written[0].path, "a.rs");
//! assert_eq!(written[0].content.as_deref(), Some("y"));
//! ```
//!
//! # Who follows what
//!
//! - [`Call`] reads one call. Clients repair malformed arguments in different ways, so every reading that
//!   some client makes counts.
//! - A [`Command`] is a text for a shell or an interpreter. `sluice_policy_shell` follows it and
//!   reports what it does; [`Command::follower`] makes the follower, and [`patched`] says what a command
//!   such as `apply_patch` writes.
//! - A [`Program`] is JavaScript that calls tools (code mode). Each of its [`Deed`]s is a call or a
//!   command again, so a policy goes through programs in programs, and bounds how deep it goes.
//! - [`executed()`] says which files something runs later: start files of shells, hooks, agents' settings.

#![warn(missing_docs)]

mod call;
mod carried;
mod command;
mod declared;
mod executed;
mod input;
mod patch;
mod program;
mod reader;
mod speech;
mod tool;
mod writes;
mod written;

pub use call::Call;
pub use carried::{Carried, Suspect};
pub use command::Command;
pub use executed::{Executed, Trigger, executed, is_git_command};
pub use patch::patched;
pub use program::{Deed, Program};
pub use reader::Reader;
pub use tool::Shell;
pub use written::Written;
