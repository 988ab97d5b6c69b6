//! Decides when a policy for tests does its one bad thing.
//!
//! Each hostile policy says *what* it does through [`Act`]. Its configuration says in which hook,
//! and in which exchanges. This is a library, not a policy.

use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Deserialize;
use sluice_policy_sdk::{
    Block, BlockVerdict, Faults, Piece, PlacedBlock, Policy, Request, RequestVerdict, TextVerdict,
    Wants,
};

/// What a hostile policy does.
pub trait Act: 'static {
    /// The interfaces that it imports.
    const NEEDS: &'static [&'static str] = &[];

    /// Runs first, in the configured hook. `amount` comes from the configuration.
    fn act(amount: Option<u64>) {
        let _ = amount;
    }

    /// The verdict on a request, after `act`.
    fn on_request(amount: Option<u64>) -> RequestVerdict {
        let _ = amount;
        RequestVerdict::Forward
    }

    /// The verdict on a block, after `act`.
    fn on_block(block: Block, amount: Option<u64>) -> BlockVerdict {
        let _ = (block, amount);
        BlockVerdict::Keep
    }

    /// The verdict on a piece, after `act`.
    fn on_text(amount: Option<u64>) -> TextVerdict {
        let _ = amount;
        TextVerdict::Keep
    }

    /// The texts that it adds at the end, after `act`.
    fn on_end(amount: Option<u64>) -> Vec<String> {
        let _ = amount;
        Vec::new()
    }
}

/// When to act.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Trigger {
    /// In which hook.
    hook: Hook,
    /// Acts only if the block, the piece or the new part of the request contains this.
    only: String,
    /// The amount, for acts that have one.
    amount: Option<u64>,
}

/// In which hook to act.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// While being configured.
    Configure,
    /// In `on-request`.
    Request,
    /// In `on-block`, on a tool call held whole.
    #[default]
    Block,
    /// In `on-block`, on a text held whole.
    Text,
    /// In `on-block`, on thinking held whole.
    Thinking,
    /// In `on-block`, on a tool call that is already on its way.
    Observe,
    /// In `on-text`.
    Pieces,
    /// In `on-end`.
    End,
}

/// The policy that does it.
pub struct Triggered<A> {
    trigger: Trigger,
    act: PhantomData<A>,
}

impl<A: Act> Triggered<A> {
    fn hits(&self, text: &str) -> bool {
        text.contains(&self.trigger.only)
    }
}

impl<A: Act> Policy for Triggered<A> {
    type Config = Trigger;
    const NEEDS: &'static [&'static str] = A::NEEDS;

    fn configure(trigger: Trigger) -> Result<Self, Faults> {
        if trigger.hook == Hook::Configure {
            A::act(trigger.amount);
        }
        Ok(Self {
            trigger,
            act: PhantomData,
        })
    }

    fn wants(&self) -> Wants {
        let nothing = Wants::nothing();
        match self.trigger.hook {
            Hook::Configure => nothing,
            Hook::Request => nothing.request(),
            Hook::Block => nothing.tool_calls_whole(),
            Hook::Text => nothing.text_whole(),
            Hook::Thinking => nothing.thinking_whole(),
            Hook::Observe => nothing.tool_calls_observed(),
            Hook::Pieces => nothing.text_pieces(),
            Hook::End => nothing.end(),
        }
    }

    fn on_request(&mut self, request: &mut Request) -> RequestVerdict {
        let hit = |placed: PlacedBlock| self.hits(text_of(&placed.block));
        if !request.news().into_iter().any(hit) {
            return RequestVerdict::Forward;
        }
        A::act(self.trigger.amount);
        A::on_request(self.trigger.amount)
    }

    fn on_block(&mut self, block: Block, _: &Request) -> BlockVerdict {
        if !self.hits(text_of(&block)) {
            return BlockVerdict::Keep;
        }
        A::act(self.trigger.amount);
        A::on_block(block, self.trigger.amount)
    }

    fn on_text(&mut self, piece: Piece<'_>, _: &Request) -> TextVerdict {
        if piece.last || !self.hits(piece.text) {
            return TextVerdict::Keep;
        }
        A::act(self.trigger.amount);
        A::on_text(self.trigger.amount)
    }

    fn on_end(&mut self, _: &str, _: &Request) -> Vec<String> {
        A::act(self.trigger.amount);
        A::on_end(self.trigger.amount)
    }
}

fn text_of(block: &Block) -> &str {
    match block {
        Block::Text(text) | Block::Thinking(text) | Block::Other(text) => text,
        Block::ToolCall(call) => &call.arguments,
        Block::ToolResult(result) => &result.content,
    }
}
