//! Stops tool calls that would run a dangerous shell command.
//!
//! What a tool call does is found by libraries that judge nothing. [`Call`](sluice_policy_tools::Call)
//! finds the commands in it, the calls of a program, and the files that it writes. A
//! [`Follower`](sluice_policy_shell::Follower) follows each command as a shell would run it. This crate
//! says what of that is dangerous. Only this file knows that it is a policy.
//!
//! - `judge` takes what a call does piece by piece to the rules.
//! - `rules` says which commands, deletes and writes are dangerous, and `allowed` which paths may be
//!   deleted.
//! - `config` is what the operator writes, `finding` what the person at the agent reads.

#![warn(missing_docs)]

mod allowed;
pub mod config;
mod finding;
mod judge;
mod rules;

pub use config::Config;
pub use finding::{Finding, Group};
pub use judge::{judge, judge_call, judge_command};
pub use rules::Rules;

use sluice_policy_sdk::{Block, BlockVerdict, Faults, Policy, Reason, Request, Wants, export};
use sluice_policy_tools::Program;

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
        Program::read("tools.exec_command({ cmd: `true` })");
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
