//! Stops tool calls that would run a dangerous shell command.
//!
//! [`judge`] has a [`Follower`](sluice_policy_shell::Follower) follow a command as a shell would run
//! it, and judges what the follower tells. This file alone knows that it is a policy.

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
        // What is built lazily by the first judgement belongs into the snapshot.
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
