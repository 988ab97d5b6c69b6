//! Stops tool calls that would run a dangerous shell command.
//!
//! [`judge`] lets a [`Follower`](sluice_policy_shell::Follower) follow a command as a shell would
//! run it, and judges what the follower reports. Only this file knows that it is a policy.
//!
//! - `call`, `code_mode`, `writes` and `patch` find what a tool call carries: commands, the calls of a
//!   program, the files that it writes. They judge nothing.
//! - `judge` takes these one by one to the follower, and `rules` says which are dangerous.
//! - `allowed` and `executed` say which paths may be deleted, and which files something runs later.
//! - `config` is what the operator writes, `finding` what the person at the agent reads.

#![warn(missing_docs)]

mod allowed;
pub mod call;
mod code_mode;
pub mod config;
mod executed;
mod finding;
mod judge;
mod patch;
mod rules;
mod writes;

pub use config::{Config, Rules};
pub use finding::{Finding, Group};
pub use judge::{judge, judge_call, judge_command};

use sluice_policy_sdk::{Block, BlockVerdict, Faults, Policy, Reason, Request, Wants, export};

/// The policy.
#[derive(Debug)]
pub struct BlockDangerousCommands {
    rules: Rules,
}

impl Policy for BlockDangerousCommands {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Faults> {
        let rules = Rules::new(config)?;
        // The first judgement builds some tables lazily. They belong in the snapshot.
        judge("sudo true | cat > /dev/null", &rules);
        code_mode::Program::read("tools.exec_command({ cmd: `true` })");
        Ok(Self { rules })
    }

    fn wants(&self) -> Wants {
        Wants::nothing().tool_calls_whole().stateless()
    }

    fn on_block(&mut self, block: Block, request: &Request) -> BlockVerdict {
        let Block::ToolCall(call) = block else {
            return BlockVerdict::Keep;
        };
        match judge_call(&call, request, &self.rules) {
            None => BlockVerdict::Keep,
            Some(finding) => BlockVerdict::Drop(
                Reason::new(finding.rule, finding.message).detail(finding.detail),
            ),
        }
    }
}

export!(BlockDangerousCommands);
