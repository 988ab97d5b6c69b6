//! Keeps the model from calling some tools.

use sluice_policy_sdk::{
    Block, BlockVerdict, Faults, Policy, Reason, Request, Wants, schemars, serde,
};

/// The policy, with its configuration.
pub struct NoTools(Config);

/// What the operator writes under `config`.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(crate = "serde", deny_unknown_fields)]
pub struct Config {
    /// The names of the tools that must not be called.
    names: Vec<String>,
}

impl Policy for NoTools {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Faults> {
        Ok(Self(config))
    }

    fn wants(&self) -> Wants {
        Wants::nothing().tool_calls_whole()
    }

    fn on_block(&mut self, block: Block, _: &Request) -> BlockVerdict {
        match block {
            Block::ToolCall(call) if self.0.names.contains(&call.name) => {
                let message = format!("The tool `{}` is not allowed here.", call.name);
                BlockVerdict::Drop(Reason::new("tools.forbidden", message))
            }
            _ => BlockVerdict::Keep,
        }
    }
}

sluice_policy_sdk::export!(NoTools);
